//! The inventory shows what the accounts hold: its files are for their owner alone, and are not
//! made through links that another user has put there.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use attache_mediator::{InventoryPlace, Mediator, MediatorError};
use tempfile::TempDir;

use crate::aws::{ACCOUNT, Aws};
use crate::{files, settings};

const FILES: [&str; 4] =
    ["inventory.lock", "inventory.sqlite", "inventory.sqlite-shm", "inventory.sqlite-wal"];

async fn open(folder: &TempDir) -> Result<Mediator, MediatorError> {
    let aws = Aws::start(|_| None).await;
    let mut settings = settings(&aws, folder);
    settings.inventory = InventoryPlace::Folder(folder.path().join("data"));
    let mediator = Mediator::open(settings).await?;
    mediator.scrape_once().await?;
    Ok(mediator)
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().mode() & 0o7777
}

fn all_private(data: &Path) {
    assert_eq!(mode(data), 0o700);
    for name in FILES {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_new_inventory_is_for_its_owner_alone() {
    let folder = files(&[("aws-secret", ACCOUNT)]);
    let _mediator = open(&folder).await.unwrap();
    all_private(&folder.path().join("data"));
}

#[tokio::test]
async fn an_inventory_of_an_older_version_opens_and_is_tightened() {
    for loose in [0o755, 0o775, 0o777] {
        let folder = files(&[("aws-secret", ACCOUNT)]);
        let data = folder.path().join("data");
        drop(open(&folder).await.unwrap());
        std::fs::set_permissions(&data, Permissions::from_mode(loose)).unwrap();
        for entry in std::fs::read_dir(&data).unwrap() {
            let path = entry.unwrap().path();
            std::fs::set_permissions(path, Permissions::from_mode(loose & 0o666)).unwrap();
        }
        let mediator = open(&folder).await.unwrap();
        all_private(&data);
        assert_eq!(mediator.coverage().await.unwrap().len(), 10);
    }
}

#[tokio::test]
async fn a_folder_with_files_of_others_keeps_its_mode_and_the_inventory_is_private() {
    let folder = files(&[("aws-secret", ACCOUNT)]);
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("notes.txt"), "mine").unwrap();
    std::fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    let _mediator = open(&folder).await.unwrap();
    assert_eq!(mode(&data), 0o755);
    assert!(FILES.iter().all(|name| mode(&data.join(name)) == 0o600));
}

#[tokio::test]
async fn nothing_is_written_through_a_link_that_was_planted() {
    for name in FILES {
        for dangling in [false, true] {
            let folder = files(&[("aws-secret", ACCOUNT)]);
            let data = folder.path().join("data");
            std::fs::create_dir(&data).unwrap();
            let target = folder.path().join("target");
            if !dangling {
                std::fs::write(&target, "somebody's").unwrap();
                std::fs::set_permissions(&target, Permissions::from_mode(0o644)).unwrap();
            }
            symlink(&target, data.join(name)).unwrap();
            let refused = open(&folder).await;
            assert!(matches!(refused, Err(MediatorError::Write { .. })), "{name}: {refused:?}");
            if dangling {
                assert!(!target.exists(), "{name}");
            } else {
                assert_eq!(std::fs::read_to_string(&target).unwrap(), "somebody's", "{name}");
                assert_eq!(mode(&target), 0o644, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_folder_in_which_others_could_replace_files_is_refused() {
    let folder = files(&[("aws-secret", ACCOUNT)]);
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("notes.txt"), "mine").unwrap();
    std::fs::set_permissions(&data, Permissions::from_mode(0o777)).unwrap();
    let refused = open(&folder).await.unwrap_err();
    let MediatorError::Write { source, .. } = refused else { panic!("{refused:?}") };
    assert!(source.to_string().contains("chmod 700"), "{source}");
}
