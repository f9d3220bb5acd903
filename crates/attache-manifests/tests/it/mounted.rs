//! Secrets as the kubelet mounts them.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use attache_manifests::{Configuration, Input, ManifestError};
use tempfile::TempDir;

use super::{ROLE, SEED_VALUES, read_all, told};

/// A folder of Secrets with one in it: files in a folder of the moment, a link to it, and links
/// through that.
fn mounted(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("aws-secret");
    let data = secret.join("..2026_11_27_00_00_00.123456789");
    std::fs::create_dir_all(&data).unwrap();
    symlink(data.file_name().unwrap(), secret.join("..data")).unwrap();
    for (name, text) in files {
        std::fs::write(data.join(name), text).unwrap();
        symlink(PathBuf::from("..data").join(name), secret.join(name)).unwrap();
    }
    folder
}

/// The files of a Secret, and what is said of them.
type Case<'c> = (&'c [(&'c str, &'c [u8])], &'c str);

fn read(folder: &Path) -> Result<Configuration, ManifestError> {
    read_all(SEED_VALUES, vec![Input::Folder(folder.to_owned())], &[])
}

#[test]
fn a_mounted_secret_is_a_folder_of_its_keys() {
    for end in ["", "\n", "\r\n"] {
        let (role, region) = (format!("{ROLE}{end}"), format!("eu-west-1{end}"));
        let files: &[(&str, &[u8])] = &[
            ("AWS_ROLE_ARN", role.as_bytes()),
            ("AWS_REGION", region.as_bytes()),
            ("ca.der", &[0xff, 0xfe]),
        ];
        let folder = mounted(files);
        for given in [folder.path(), &folder.path().join("aws-secret")] {
            let read = read(given).unwrap();
            assert_eq!(read.accounts[0].role.to_string(), ROLE);
            assert_eq!(read.accounts[0].home.as_str(), "eu-west-1");
        }
    }
}

#[test]
fn a_mistake_is_told_with_its_file() {
    let role = ("AWS_ROLE_ARN", ROLE.as_bytes());
    let two_lines = format!("{ROLE}\n\n");
    let cases: [Case<'_>; 8] = [
        (
            &[role, ("AWS_REGION", b"region-code\n")],
            "aws-secret/AWS_REGION:1:1: `AWS_REGION` of the Secret `aws-secret`: expected a region, found the document's placeholder",
        ),
        (
            &[role, ("region", b"us-east-1")],
            "aws-secret/region: the Secret `aws-secret` has no `AWS_REGION`, but `region`; did you mean `AWS_REGION`?",
        ),
        (&[role], "aws-secret: the Secret `aws-secret` has no `AWS_REGION`, and nothing else"),
        (
            &[("AWS_REGION", b"us-east-1")],
            "aws-secret: the Secret `aws-secret` has no `AWS_ROLE_ARN`; add",
        ),
        (
            &[("role-arn", ROLE.as_bytes())],
            "aws-secret/role-arn: the Secret `aws-secret` has no `AWS_ROLE_ARN`, but `role-arn`; did you mean",
        ),
        (
            &[("AWS_ROLE_ARN", b"arn:aws:iam::222222222222:user/Me")],
            "aws-secret/AWS_ROLE_ARN:1:1: `AWS_ROLE_ARN` of the Secret `aws-secret`: expected a role's ARN, found `arn:aws:iam::222222222222:user/Me`",
        ),
        (&[("AWS_ROLE_ARN", &[0xff])], "found bytes that are not text"),
        (&[("AWS_ROLE_ARN", two_lines.as_bytes())], "found white space around it"),
    ];
    for (files, wanted) in cases {
        let folder = mounted(files);
        let told = told(read(folder.path()));
        assert!(told.contains(wanted), "{told}");
    }
}

#[test]
fn one_secret_mounted_where_a_folder_of_them_is_expected_is_told() {
    let folder = mounted(&[("AWS_ROLE_ARN", ROLE.as_bytes())]);
    let other = folder.path().join("secrets");
    std::fs::rename(folder.path().join("aws-secret"), &other).unwrap();
    let told = told(read(&other));
    assert!(told.contains("there is no Secret `aws-secret`"), "{told}");
    assert!(
        told.contains("secrets is one Secret: mount it as a folder named `aws-secret`"),
        "{told}"
    );
}

#[test]
fn a_secrets_name_leads_nowhere_but_into_the_folder() {
    let folder = mounted(&[("AWS_ROLE_ARN", ROLE.as_bytes()), ("AWS_REGION", b"us-east-1")]);
    for name in ["../aws-secret", "/etc", "..", "aws-secret/..data", "."] {
        let values = SEED_VALUES.replace("secretName: aws-secret", &format!("secretName: {name}"));
        let told = told(read_all(&values, vec![Input::Folder(folder.path().to_owned())], &[]));
        assert!(told.contains("there is no Secret"), "{name}: {told}");
    }
}

#[test]
fn a_folder_without_the_secret_names_those_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    assert!(told(read(folder.path())).contains("there is no Secret in "));
    std::fs::create_dir(folder.path().join("aws-secrets")).unwrap();
    assert!(told(read(folder.path())).contains("did you mean `aws-secrets`?"));
}
