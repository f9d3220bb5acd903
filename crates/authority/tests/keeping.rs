//! What was answered is kept, and what is not as it was kept is told.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::path::Path;

use authority::{Authority, AuthorityError, Data, Settings};
use sqlx::{ConnectOptions, Connection};
use support::{AUDIENCE, SOURCE, SUBJECT, TARGET, World, account, holds, settings};
use token::SigningKey;

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

#[tokio::test]
async fn a_directory_is_one_authoritys() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || Settings::new(Data::Dir(folder.path().to_path_buf()), vec![account(SOURCE)]);
    let first = Authority::open(settings()).await.unwrap();
    assert!(matches!(Authority::open(settings()).await, Err(AuthorityError::Locked(_))));
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
    ] {
        let folder = tempfile::tempdir().unwrap();
        kept(folder.path()).await;
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(folder.path().join("journal.sqlite"));
        let mut journal = options.connect().await.unwrap();
        sqlx::query(edit).execute(&mut journal).await.unwrap();
        journal.close().await.unwrap();
        match reopened(folder.path()).await {
            Err(AuthorityError::Corrupt { last_good, .. }) => assert_eq!(last_good, last, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn damaged_files_are_told() {
    type Damage = fn(&Path);
    let cases: [(&str, Damage); 5] = [
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
    ];
    for (name, damage) in cases {
        let folder = tempfile::tempdir().unwrap();
        kept(folder.path()).await;
        damage(folder.path());
        let error = reopened(folder.path()).await.expect_err(name);
        let clear =
            matches!(error, AuthorityError::Corrupt { .. } | AuthorityError::MasterKey { .. });
        assert!(clear, "{name}: {error:?}");
    }
}
