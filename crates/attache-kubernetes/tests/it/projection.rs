//! The token's file: how it is laid out, who reads it, when it is renewed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use attache_kubernetes::{
    ClusterError, Issuer, Projection, Readers, ServiceAccount, TokenRequest, renewal,
};
use attache_oidc::{Algorithm, SigningKey, UnverifiedToken};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio_util::sync::CancellationToken;

const NOW: OffsetDateTime = datetime!(2026-11-01 12:00 UTC);

fn projection(folder: &Path) -> Projection {
    let url = attache_identifiers::Issuer::parse("https://issuer.example").unwrap();
    let issuer = Issuer::new(url, SigningKey::generate(Algorithm::Es256).unwrap());
    let account = ServiceAccount::new("causely", "causely-mediator").unwrap();
    Projection::new(Arc::new(issuer), TokenRequest::new(account), folder)
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn eighty_percent_of_a_life_or_a_day() {
    for (life, wait) in [
        (Duration::minutes(10), Duration::minutes(8)),
        (Duration::HOUR, Duration::minutes(48)),
        (Duration::seconds(601), Duration::seconds_f64(480.8)),
        (Duration::DAY, Duration::minutes(24 * 48)),
        (Duration::hours(30), Duration::DAY),
        (Duration::seconds(1 << 32), Duration::DAY),
        (Duration::ZERO, Duration::ZERO),
        (Duration::seconds(-60), Duration::ZERO),
    ] {
        assert_eq!(renewal(NOW, life) - NOW, wait, "{life}");
    }
    let last = time::PrimitiveDateTime::MAX.assume_utc();
    assert_eq!(renewal(last, Duration::HOUR), last);
}

#[tokio::test]
async fn the_volume_is_laid_out_as_the_kubelets() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("var/run/token");
    let projection = projection(&folder);
    assert_eq!(projection.write(NOW).await.unwrap(), NOW + Duration::minutes(48));

    let [generation, data, token] = &entries(&folder)[..] else { panic!("three entries") };
    assert!(generation.starts_with("..2026_11_01_12_00_00."), "{generation}");
    assert_eq!((data.as_str(), token.as_str()), ("..data", "token"));
    assert_eq!(fs::read_link(folder.join("..data")).unwrap(), Path::new(generation));
    assert_eq!(fs::read_link(folder.join("token")).unwrap(), Path::new("..data/token"));
    assert_eq!(projection.token_file(), folder.join("token"));

    let text = fs::read_to_string(projection.token_file()).unwrap();
    let read = UnverifiedToken::parse(&text).unwrap();
    assert_eq!(read.subject(), "system:serviceaccount:causely:causely-mediator");
    assert_eq!((mode(&projection.token_file()), mode(&folder)), (0o600, 0o700));
}

#[tokio::test]
async fn a_renewal_replaces_the_token_and_keeps_the_last_for_readers_on_their_way() {
    let folder = tempfile::tempdir().unwrap();
    let projection = projection(folder.path());
    let mut last = String::new();
    // The same moment twice: a clock may stand still.
    for (now, count) in [(NOW, 3), (NOW, 4), (NOW + Duration::HOUR, 4), (NOW, 4)] {
        projection.write(now).await.unwrap();
        let text = fs::read_to_string(projection.token_file()).unwrap();
        assert_ne!(text, last);
        assert_eq!(entries(folder.path()).len(), count);
        last = text;
    }
}

#[tokio::test]
async fn what_others_left_is_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // A token written by hand, a killed process's halves, and things that are not ours.
    fs::write(at("token"), "by hand").unwrap();
    fs::create_dir(at("..2026_01_01_00_00_00.123456789")).unwrap();
    fs::write(at("..2026_01_01_00_00_00.123456789/token"), "never published").unwrap();
    std::os::unix::fs::symlink("..2026_01_01_00_00_00.123456789", at("..data_tmp")).unwrap();
    fs::create_dir(at("..2026_notes")).unwrap();
    fs::write(at("ca.crt"), "ours not").unwrap();

    let projection = projection(folder.path());
    projection.write(NOW).await.unwrap();
    assert!(UnverifiedToken::parse(&fs::read_to_string(projection.token_file()).unwrap()).is_ok());
    let left = entries(folder.path());
    assert!(left[0].starts_with("..2026_11_01_12_00_00."), "{left:?}");
    assert_eq!(left[1..], ["..2026_notes", "..data", "ca.crt", "token"]);
}

#[tokio::test]
async fn others_may_be_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let projection = projection(folder.path()).readers(Readers::Everyone);
    projection.write(NOW).await.unwrap();
    let token = projection.token_file();
    let generation = fs::canonicalize(&token).unwrap().parent().unwrap().to_owned();
    assert_eq!((mode(&token), mode(&generation)), (0o644, 0o755));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = projection(&file.join("sub")).write(NOW).await.unwrap_err();
    assert!(matches!(&error, ClusterError::Write { path, .. } if path.ends_with("sub")));
    assert!(error.to_string().contains("file/sub"), "{error}");
}

#[tokio::test]
async fn a_reader_never_sees_less_than_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let projection = projection(folder.path());
    projection.write(NOW).await.unwrap();
    let file = projection.token_file();
    let stop = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicUsize::new(0));
    let reader = std::thread::spawn({
        let (stop, reads) = (Arc::clone(&stop), Arc::clone(&reads));
        move || {
            while !stop.load(Ordering::SeqCst) {
                let text = fs::read_to_string(&file).expect("the file is always there");
                UnverifiedToken::parse(&text).expect("and always whole");
                reads.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    for second in 0..200 {
        projection.write(NOW + Duration::seconds(second)).await.unwrap();
        let before = reads.load(Ordering::SeqCst);
        // A read can outlast one write, as it does where the writer is a kubelet, but not two.
        while reads.load(Ordering::SeqCst) == before && !reader.is_finished() {
            std::thread::yield_now();
        }
    }
    stop.store(true, Ordering::SeqCst);
    reader.join().unwrap();
}

#[tokio::test]
async fn it_runs_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let projection = projection(folder.path());
    let (file, stop) = (projection.token_file(), CancellationToken::new());
    let running = tokio::spawn(projection.run(time::OffsetDateTime::now_utc(), stop.clone()));
    let written = async {
        while !file.exists() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), written).await.unwrap();
    stop.cancel();
    tokio::time::timeout(std::time::Duration::from_secs(10), running).await.unwrap().unwrap();
    assert!(file.exists(), "the last token stays");
}
