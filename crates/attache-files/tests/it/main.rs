//! What a writable folder, a planted link and a loose mode must not be able to do.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use attache_files::{
    FileError, NewFile, Replace, create_data_folder, read_private, read_text, write_new,
    write_private, write_set,
};

fn mode(path: &std::path::Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_private_file_is_0600_whatever_was_planted_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let victim = folder.path().join("victim");
    fs::write(&victim, "untouched").unwrap();
    symlink(&victim, folder.path().join("master.key.new")).unwrap();
    fs::write(folder.path().join(".attache-"), "planted").unwrap();
    write_private(&path, b"secret").unwrap();
    assert_eq!((mode(&path), fs::read(&path).unwrap()), (0o600, b"secret".to_vec()));
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    write_private(&path, b"again").unwrap();
    assert_eq!(mode(&path), 0o600, "the old file's mode is not taken over");
}

#[test]
fn nothing_is_written_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (link, victim) = (folder.path().join("link"), folder.path().join("victim"));
    fs::write(&victim, "untouched").unwrap();
    symlink(&victim, &link).unwrap();
    assert!(matches!(write_private(&link, b"x"), Err(FileError::NotAFile { .. })));
    assert!(matches!(write_new(&link, b"x", 0o644), Err(FileError::Exists { .. })));
    let set = [NewFile { name: "link", contents: b"x", mode: 0o644 }];
    for replace in [Replace::Never, Replace::Differing] {
        let refused = write_set(folder.path(), &set, replace);
        assert!(matches!(refused, Err(FileError::NotAFile { .. })), "{refused:?}");
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
}

#[test]
fn a_dangling_link_is_something_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link");
    symlink(folder.path().join("nowhere"), &link).unwrap();
    assert!(matches!(write_new(&link, b"x", 0o644), Err(FileError::Exists { .. })));
    assert!(!folder.path().join("nowhere").exists());
}

#[test]
fn a_set_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("b"), [0xff, 0xfe]).unwrap();
    let set = ["a", "b", "c"].map(|name| NewFile { name, contents: b"new", mode: 0o644 });
    let refused = write_set(folder.path(), &set, Replace::Never);
    assert!(matches!(&refused, Err(FileError::Exists { path }) if *path == at("b")), "{refused:?}");
    assert!(!at("a").exists() && !at("c").exists());
    assert_eq!(fs::read(at("b")).unwrap(), [0xff, 0xfe]);
    fs::create_dir(at("c")).unwrap();
    assert!(write_set(folder.path(), &set, Replace::Differing).is_err());
    assert!(!at("a").exists());
    assert_eq!(fs::read(at("b")).unwrap(), [0xff, 0xfe]);
    fs::remove_dir(at("c")).unwrap();
    write_set(folder.path(), &set, Replace::Differing).unwrap();
    assert_eq!(
        write_set(folder.path(), &set, Replace::Never).unwrap().len(),
        3,
        "all are the same"
    );
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 3, "no temporary file is left: {left:?}");
}

#[test]
fn a_name_stays_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["../x", "/x", "a/b", ".", "..", "", "a/"] {
        let set = [NewFile { name, contents: b"x", mode: 0o644 }];
        let refused = write_set(folder.path(), &set, Replace::Differing);
        assert!(matches!(refused, Err(FileError::NotAName { .. })), "{name}: {refused:?}");
    }
}

#[test]
fn a_loose_key_is_refused_with_the_command_that_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    write_new(&path, b"k", 0o644).unwrap();
    for loose in [0o644, 0o640, 0o660, 0o604, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(loose)).unwrap();
        let refused = read_private(&path, 10).unwrap_err().to_string();
        assert!(refused.contains(&format!("chmod 600 {}", path.display())), "{refused}");
    }
    for tight in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(tight)).unwrap();
        assert_eq!(read_private(&path, 10).unwrap(), "k");
    }
}

#[test]
fn a_file_over_its_limit_is_refused_and_text_has_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    fs::write(&path, "12345").unwrap();
    assert_eq!(read_text(&path, 5).unwrap(), "12345");
    assert!(matches!(read_text(&path, 4), Err(FileError::TooLarge { limit: 4, .. })));
    assert!(matches!(
        read_text(std::path::Path::new("/dev/zero"), 4),
        Err(FileError::TooLarge { .. })
    ));
    fs::write(&path, b"one\nt\xc3\xa9\xff").unwrap();
    let refused = read_text(&path, 100).unwrap_err().to_string();
    assert!(refused.ends_with("line 2, column 3 has the byte 0xff"), "{refused}");
}

#[test]
fn a_data_folder_is_the_owners() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/b");
    create_data_folder(&folder).unwrap();
    assert_eq!((mode(&folder), mode(&parent.path().join("a"))), (0o700, 0o700));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    create_data_folder(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700, "an empty one is made private");
    fs::write(folder.join("x"), "x").unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(create_data_folder(&folder), Err(FileError::SharedFolder { .. })));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    create_data_folder(&folder).unwrap();
}

#[test]
fn a_file_of_ones_own_is_opened_for_its_owner_alone_and_through_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    drop(attache_files::open_private(&path).unwrap());
    assert_eq!(mode(&path), 0o600, "a new one");
    std::fs::write(&path, "kept").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(attache_files::open_private(&path).unwrap());
    assert_eq!((mode(&path), std::fs::read_to_string(&path).unwrap()), (0o600, "kept".to_owned()));
    let link = folder.path().join("link");
    for target in ["journal", "nothing"] {
        std::os::unix::fs::symlink(folder.path().join(target), &link).unwrap();
        let told = attache_files::open_private(&link).unwrap_err().to_string();
        assert!(told.contains("is a symbolic link"), "{told}");
        assert!(
            attache_files::require_file(&link).is_err() && !folder.path().join("nothing").exists()
        );
        std::fs::remove_file(&link).unwrap();
    }
    assert!(
        attache_files::open_private(folder.path()).is_err()
            && attache_files::require_file(&link).is_ok()
    );
}
