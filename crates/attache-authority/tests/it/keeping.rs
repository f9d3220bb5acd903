//! What was answered is kept, and what is not as it was kept is told.

use std::error::Error;
use std::path::Path;

use attache_authority::{Authority, AuthorityError, Damage, Data, LedgerError, Settings, inspect};
use attache_oidc::SigningKey;
use aws_lc_rs::digest;
use sqlx::{ConnectOptions, Connection};

use crate::support::{self, AUDIENCE, SOURCE, SUBJECT, TARGET, World, account, holds, settings};

const WHO: &[(&str, &str)] = &[("Action", "GetCallerIdentity")];

#[tokio::test]
async fn state_keys_and_sessions_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let data = Data::Dir(folder.path().to_path_buf());
    let world = World::on(data.clone()).await;
    world.set_up("Reader", r#""iam:GetRole""#).await;
    let session = world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await.keys();
    let administrator = world.administrator(TARGET);
    let key = SigningKey::from_pem(world.key.to_pem().expose()).unwrap();
    world.end().await;

    let opened = Authority::open(settings(data, &key)).await.unwrap();
    let world = World::serving(opened, key).await;
    let get = [("Action", "GetRole"), ("RoleName", "Reader")];
    assert_eq!(world.call("iam", &session, &get).await.status, 200);
    assert_eq!(world.call("sts", &administrator, WHO).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn the_directory_remembers_its_accounts_and_takes_more() {
    let folder = tempfile::tempdir().unwrap();
    let data = Data::Dir(folder.path().to_path_buf());
    for (given, there) in [
        (vec![SOURCE], vec![SOURCE]),
        (vec![], vec![SOURCE]),
        (vec![TARGET, SOURCE], vec![SOURCE, TARGET]),
    ] {
        let accounts = given.into_iter().map(account).collect();
        let authority = Authority::open(Settings::new(data.clone(), accounts)).await.unwrap();
        let there: Vec<_> = there.into_iter().map(account).collect();
        assert_eq!(authority.accounts(), there);
        let profiles = std::fs::read_to_string(folder.path().join("credentials")).unwrap();
        assert_eq!(profiles.matches("aws_secret_access_key").count(), there.len());
    }
}

#[tokio::test]
async fn the_journal_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(Data::Dir(folder.path().to_path_buf())).await;
    world.set_up("Reader", r#""*""#).await;
    let token = world.token(SUBJECT, AUDIENCE);
    let session = world.assume("Reader", token.expose()).await.keys();
    let administrator = world.administrator(TARGET);
    world.end().await;
    std::fs::remove_file(folder.path().join("credentials")).unwrap();
    for (what, text) in [
        ("a session's secret", session.secret.expose()),
        ("a session token", session.session_token.as_deref().unwrap()),
        ("an administrator's secret", administrator.secret.expose()),
        ("a web identity token", token.expose()),
    ] {
        assert!(!holds(folder.path(), text), "{what}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_keys() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let settings = Settings::new(Data::Dir(path.clone()), vec![account(SOURCE)]);
    let _open = Authority::open(settings).await.unwrap();
    for (name, mode) in [(".", 0o700), ("master.key", 0o600), ("credentials", 0o600)] {
        let found = std::fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name}");
    }
}

/// The files of a directory with their modes, those of SQLite's log among them.
#[cfg(unix)]
fn modes(path: &Path) -> Vec<(String, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let files = std::fs::read_dir(path).unwrap().map(Result::unwrap);
    files
        .map(|file| {
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            (file.file_name().into_string().unwrap(), mode)
        })
        .collect()
}

#[cfg(unix)]
#[tokio::test]
async fn every_file_of_the_directory_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    kept(&path).await;
    // As the version before left them.
    for name in ["journal.sqlite", "lock"] {
        let loose = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(path.join(name), loose).unwrap();
    }
    let authority = reopened(&path).await.unwrap();
    let modes = modes(&path);
    assert!(modes.len() >= 5, "{modes:?}");
    assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
    authority.close().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_of_the_directory_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    for name in [
        "master.key",
        "credentials",
        "head",
        "lock",
        "journal.sqlite",
        "journal.sqlite-wal",
        "journal.sqlite-shm",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (path, target) = (folder.path().join("data"), folder.path().join("target"));
        std::fs::create_dir(&path).unwrap();
        symlink(&target, path.join(name)).unwrap();
        let settings = Settings::new(Data::Dir(path.clone()), vec![account(SOURCE)]);
        let opened = Authority::open(settings).await;
        let told = opened.map(drop).unwrap_err().to_string();
        assert!(told.contains(name) || told.contains("data"), "{name}: {told}");
        assert!(!target.exists(), "{name} was written through");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_planted_file_beside_a_key_gives_it_no_mode() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    std::fs::create_dir(&path).unwrap();
    for name in ["master.key.new", "credentials.new", "head.new"] {
        std::fs::write(path.join(name), "").unwrap();
        let loose = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(path.join(name), loose).unwrap();
    }
    let settings = Settings::new(Data::Dir(path.clone()), vec![account(SOURCE)]);
    let _open = Authority::open(settings).await.unwrap();
    for (name, mode) in modes(&path) {
        assert!(name.ends_with(".new") || mode == 0o600, "{name}: {mode:o}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    kept(folder.path()).await;
    let key = folder.path().join("master.key");
    let set = |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
    let wanted = format!("Run: chmod 600 {}", key.display());
    for mode in [0o644, 0o640, 0o604, 0o620, 0o610] {
        set(mode);
        let told = reopened(folder.path()).await.map(drop).unwrap_err().to_string();
        assert!(told.contains(&wanted), "{mode:o}: {told}");
        let told = inspect(folder.path(), |_, _| {}).await.map(drop).unwrap_err().to_string();
        assert!(told.contains(&wanted), "inspected, {mode:o}: {told}");
    }
    set(0o400);
    assert!(reopened(folder.path()).await.is_ok());
}

#[tokio::test]
async fn a_directory_without_its_lock_file_is_still_one_authoritys() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || Settings::new(Data::Dir(folder.path().to_path_buf()), vec![account(SOURCE)]);
    let first = Authority::open(settings()).await.unwrap();
    std::fs::remove_file(folder.path().join("lock")).unwrap();
    assert!(matches!(
        Authority::open(settings()).await,
        Err(AuthorityError::Ledger(LedgerError::Locked(_)))
    ));
    drop(first);
    assert!(Authority::open(settings()).await.is_ok(), "the lock goes with its owner");
}

#[tokio::test]
async fn a_journal_whose_file_was_replaced_is_no_longer_written() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(Data::Dir(folder.path().to_path_buf())).await;
    let path = folder.path().join("journal.sqlite");
    std::fs::rename(&path, folder.path().join("away")).unwrap();
    std::fs::write(&path, "").unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    let keys = world.administrator(TARGET);
    let create = [("Action", "CreateUser"), ("UserName", "ann")];
    let told = world.call("iam", &keys, &create).await;
    assert_eq!(told.status, 500, "nothing is answered that would be gone: {told:?}");
    let health = world.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert_eq!(health.status, 503);
}

#[tokio::test]
async fn the_saved_states_take_a_bounded_space() {
    let world = World::new().await;
    let keys = world.administrator(TARGET);
    // AWS's quotas keep a real account from growing so quickly; what is large here is a trust policy's
    // white space.
    let mut told = support::trust();
    told.push_str(&" ".repeat(100_000));
    for number in 0..100 {
        let name = format!("R{number}");
        let create = [
            ("Action", "CreateRole"),
            ("RoleName", name.as_str()),
            ("AssumeRolePolicyDocument", &told),
        ];
        assert_eq!(world.call("iam", &keys, &create).await.status, 200);
    }
    let world_of = &world;
    let save = |name: String| {
        let sent = format!(
            "POST /_attache/snapshots/{name} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        );
        async move { world_of.send(sent.as_bytes()).await }
    };
    let mut full = None;
    for number in 0..20 {
        let told = save(format!("s{number}")).await;
        if told.status != 200 {
            full = Some((number, told));
            break;
        }
    }
    let (number, told) = full.unwrap();
    assert!((4..10).contains(&number), "ten megabytes each: {number}");
    assert_eq!(told.status, 409);
    assert!(told.body.contains("delete one with DELETE /_attache/snapshots/NAME"), "{told:?}");
    assert_eq!(save("s0".to_owned()).await.status, 200, "in the place of itself");
    world.end().await;
}

#[tokio::test]
async fn a_directory_is_one_authoritys() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || Settings::new(Data::Dir(folder.path().to_path_buf()), vec![account(SOURCE)]);
    let first = Authority::open(settings()).await.unwrap();
    assert!(matches!(
        Authority::open(settings()).await,
        Err(AuthorityError::Ledger(LedgerError::Locked(_)))
    ));
    drop(first);
    assert!(Authority::open(settings()).await.is_ok(), "the lock goes with its owner");
}

/// A directory with some events, which nobody has open.
async fn kept(path: &Path) {
    let world = World::on(Data::Dir(path.to_path_buf())).await;
    world.set_up("Reader", r#""*""#).await;
    world.end().await;
}

async fn reopened(path: &Path) -> Result<Authority, AuthorityError> {
    Authority::open(Settings::new(Data::Dir(path.to_path_buf()), Vec::new())).await
}

#[tokio::test]
async fn an_edited_journal_is_told_with_the_last_good_event() {
    for (name, edit, last) in [
        (
            "a changed event",
            "UPDATE events SET body = replace(body, 'Reader', 'Writer') WHERE seq = 4",
            3,
        ),
        ("a removed event", "DELETE FROM events WHERE seq = 3", 2),
        ("an event from elsewhere", "INSERT INTO events VALUES (7, '{}', x'00')", 5),
        ("a cut end", "DELETE FROM events WHERE seq > 3", 3),
        ("no events", "DELETE FROM events", 0),
        ("no table", "DROP TABLE events", 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        kept(folder.path()).await;
        execute(folder.path(), edit).await;
        match inspect(folder.path(), |_, _| {}).await {
            Err(LedgerError::Corrupt { last_good, .. }) => assert_eq!(last_good, last, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        match reopened(folder.path()).await {
            Err(AuthorityError::Ledger(LedgerError::Corrupt { last_good, .. })) => {
                assert_eq!(last_good, last, "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// The end of a journal that was killed is in the write-ahead log alone, and SQLite takes one that
/// is damaged for one that ends earlier.
#[tokio::test]
async fn a_torn_end_is_told() {
    type Edit = fn(&Path);
    let cases: [(&str, Edit); 3] = [
        ("a log with a bad byte", |path| {
            let mut bytes = std::fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
            std::fs::write(path, bytes).unwrap();
        }),
        ("half a log", |path| {
            let length = std::fs::metadata(path).unwrap().len();
            let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(length / 2).unwrap();
        }),
        ("no log", |path| std::fs::remove_file(path).unwrap()),
    ];
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(Data::Dir(folder.path().to_path_buf())).await;
    world.set_up("Reader", r#""*""#).await;
    for (name, damage) in cases {
        // As if it had been killed now.
        let killed = tempfile::tempdir().unwrap();
        for file in ["journal.sqlite", "journal.sqlite-wal", "master.key", "head"] {
            std::fs::copy(folder.path().join(file), killed.path().join(file)).unwrap();
        }
        let seen = inspect(killed.path(), |_, _| {}).await.unwrap();
        assert!(seen.has_tail_marker && seen.last == 5, "{seen:?}");
        damage(&killed.path().join("journal.sqlite-wal"));
        match reopened(killed.path()).await {
            Err(AuthorityError::Ledger(LedgerError::Corrupt { last_good, source, .. })) => {
                let recorded = matches!(*source, Damage::Truncated { recorded: 5, .. });
                assert!(last_good < 5 && recorded, "{name}: {source}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    world.end().await;
}

/// Writes a journal's events anew, each with the hash that follows from those before it.
async fn chain_anew(folder: &Path, edit: impl Fn(i64, String) -> String) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("journal.sqlite"));
    let mut journal = options.connect().await.unwrap();
    let rows: Vec<(i64, String)> = sqlx::query_as("SELECT seq, body FROM events ORDER BY seq")
        .fetch_all(&mut journal)
        .await
        .unwrap();
    let mut link = vec![0; 32];
    for (seq, body) in rows {
        let body = edit(seq, body);
        let text = [link.as_slice(), &seq.to_be_bytes(), body.as_bytes()].concat();
        link = digest::digest(&digest::SHA256, &text).as_ref().to_vec();
        let update = sqlx::query("UPDATE events SET body = ?, hash = ? WHERE seq = ?");
        update.bind(body).bind(&link).bind(seq).execute(&mut journal).await.unwrap();
    }
    journal.close().await.unwrap();
}

/// An event whose change does not fit is refused with its number, its action and what it is about, and
/// nothing of a journal makes the reader panic.
#[tokio::test]
async fn an_event_that_cannot_be_applied_says_which_and_why() {
    type Edit = fn(&str) -> String;
    let cases: [(&str, Edit, &str); 6] = [
        ("no JSON", |_| "{".to_owned(), "event 5 cannot be read"),
        ("no event", |_| "{\"at\": 1}".to_owned(), "event 5 cannot be read"),
        (
            "a role that is not there",
            |body| body.replace("Reader", "Ghost"),
            "there is no role Ghost",
        ),
        (
            "an account that is not there",
            |body| body.replace("\"account\":\"222222222222\"", "\"account\":\"999999999999\""),
            "there is no account 999999999999",
        ),
        (
            "no account",
            |body| body.replace("\"account\":\"222222222222\",", ""),
            "it names no account",
        ),
        ("no policy", |body| body.replace("Statement", "Sentences"), "is not valid"),
    ];
    for (name, edit, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        kept(folder.path()).await;
        chain_anew(folder.path(), |seq, body| if seq == 5 { edit(&body) } else { body }).await;
        std::fs::remove_file(folder.path().join("head")).unwrap();
        let (opened, inspected) =
            (reopened(folder.path()).await, inspect(folder.path(), |_, _| {}).await);
        let Err(AuthorityError::Ledger(opened)) = opened else { panic!("{name}: {opened:?}") };
        for error in [opened, inspected.expect_err(name)] {
            assert!(
                matches!(error, LedgerError::Corrupt { last_good: 4, .. }),
                "{name}: {error:?}"
            );
            let causes =
                std::iter::successors(Some(&error as &(dyn Error + 'static)), |e| (**e).source());
            let causes: Vec<String> = causes.map(ToString::to_string).collect();
            assert!(causes.iter().any(|cause| cause.contains(expected)), "{name}: {causes:?}");
        }
    }
}

/// Whoever can hash can chain events anew: only what stands beside the journal shows it.
#[tokio::test]
async fn a_journal_that_was_written_anew_is_told() {
    let folder = tempfile::tempdir().unwrap();
    kept(folder.path()).await;
    chain_anew(folder.path(), |_, body| body.replace("Reader", "Writer")).await;
    match reopened(folder.path()).await.expect_err("it is another's") {
        AuthorityError::Ledger(LedgerError::Corrupt { source, .. })
            if matches!(*source, Damage::Rewritten(5)) => {}
        other => panic!("{other:?}"),
    }
    // Without a head it cannot be told, and who removes it says that this is meant.
    std::fs::remove_file(folder.path().join("head")).unwrap();
    assert!(!inspect(folder.path(), |_, _| {}).await.unwrap().has_tail_marker);
    assert!(reopened(folder.path()).await.is_ok());
    assert!(inspect(folder.path(), |_, _| {}).await.unwrap().has_tail_marker);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_stops_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(Data::Dir(folder.path().to_path_buf())).await;
    world.set_up("Reader", r#""*""#).await;
    execute(folder.path(), "UPDATE events SET body = '{' WHERE seq = 3").await;
    assert!(world.authority.events(0, 10).await.is_err());
    assert_eq!(world.authority.events(3, 2).await.unwrap().len(), 2);
    world.create_role("Second").await;
    world.end().await;
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_is_not_healthy() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(Data::Dir(folder.path().to_path_buf())).await;
    let healthy = b"HEAD /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert_eq!(world.send(healthy).await.status, 200);
    // Its place is taken: the next event cannot be written.
    execute(folder.path(), "INSERT INTO events VALUES (3, '{}', x'00')").await;
    let keys = world.administrator(TARGET);
    let create = [("Action", "CreateUser"), ("UserName", "ann")];
    assert_eq!(world.call("iam", &keys, &create).await.status, 500);
    assert_eq!(world.call("sts", &keys, WHO).await.status, 500);
    assert_eq!(world.send(healthy).await.status, 503);
}

/// Runs a statement on a journal.
async fn execute(folder: &Path, sql: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("journal.sqlite"));
    let mut journal = options.connect().await.unwrap();
    sqlx::query(sql).execute(&mut journal).await.unwrap();
    journal.close().await.unwrap();
}

#[tokio::test]
async fn damaged_files_are_told() {
    type Edit = fn(&Path);
    let cases: [(&str, Edit); 7] = [
        ("no database", |path| {
            std::fs::write(path.join("journal.sqlite"), "this is no database".repeat(500)).unwrap();
        }),
        ("half a database", |path| {
            let file = std::fs::OpenOptions::new().write(true).open(path.join("journal.sqlite"));
            file.unwrap().set_len(6000).unwrap();
        }),
        ("zeros in the middle", |path| {
            let at = path.join("journal.sqlite");
            let mut bytes = std::fs::read(&at).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle..].fill(0);
            std::fs::write(at, bytes).unwrap();
        }),
        ("no master key", |path| std::fs::remove_file(path.join("master.key")).unwrap()),
        ("a broken master key", |path| std::fs::write(path.join("master.key"), "x").unwrap()),
        ("another master key", |path| {
            std::fs::write(path.join("master.key"), "ab".repeat(32)).unwrap();
        }),
        ("a broken head", |path| std::fs::write(path.join("head"), b"\xff").unwrap()),
    ];
    for (name, damage) in cases {
        let folder = tempfile::tempdir().unwrap();
        kept(folder.path()).await;
        damage(folder.path());
        let error = reopened(folder.path()).await.expect_err(name);
        let clear = matches!(
            error,
            AuthorityError::Ledger(LedgerError::Corrupt { .. } | LedgerError::MasterKey { .. })
        );
        assert!(clear, "{name}: {error:?}");
    }
}
