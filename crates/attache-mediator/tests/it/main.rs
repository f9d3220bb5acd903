//! The mediator, as a specification: pages, refusals, faults, sessions. Each test has a server that
//! answers as AWS would.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is the report")]

mod api;
mod aws;
mod bounds;
mod evidence;
mod faults;
mod hosts;
mod paging;
mod private;
mod sessions;

use attache_manifests::{Configuration, Inputs};
use attache_mediator::{Clock, Coverage, Filter, Listed, Mediator, Settings};
use tempfile::TempDir;
use time::OffsetDateTime;

use aws::Aws;

/// A mediator over one account, and the folder with its files.
pub(crate) struct Setup {
    pub(crate) mediator: Mediator,
    pub(crate) folder: TempDir,
}

const VALUES: &str = "scrapers:
  aws:
    enabled: true
    accounts:
";

/// The values and Secrets of accounts that claim to be what their roles are.
pub(crate) fn files(accounts: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (mut values, mut secrets) = (VALUES.to_owned(), String::new());
    for (name, account) in accounts {
        values.push_str(&format!(
            "      - arn: arn:aws:iam::{account}:root\n        secretName: {name}\n"
        ));
        secrets.push_str(&format!(
            "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\nstringData:\n  \
             AWS_REGION: us-east-1\n  \
             AWS_ROLE_ARN: arn:aws:iam::{account}:role/CauselyAccess\n"
        ));
    }
    std::fs::write(folder.path().join("values.yaml"), values).unwrap();
    std::fs::write(folder.path().join("secrets.yaml"), secrets).unwrap();
    std::fs::write(folder.path().join("token"), "a.b.c").unwrap();
    folder
}

pub(crate) fn settings(aws: &Aws, folder: &TempDir) -> Settings {
    let file = |name: &str| folder.path().join(name);
    let (values, secrets) = ([file("values.yaml")], [file("secrets.yaml")]);
    let inputs = Inputs::read(&values, &secrets, Vec::new()).unwrap();
    let accounts = Configuration::read(&inputs).unwrap().accounts;
    let mut settings =
        Settings::new(accounts, file("token"), Clock::new(OffsetDateTime::now_utc)).unwrap();
    settings.endpoint_url = Some(aws.url.clone());
    settings
}

pub(crate) async fn set_up(aws: &Aws) -> Setup {
    let folder = files(&[("aws-secret", aws::ACCOUNT)]);
    let mediator = Mediator::open(settings(aws, &folder)).await.unwrap();
    Setup { mediator, folder }
}

impl Setup {
    pub(crate) async fn scrape(&self) {
        self.mediator.scrape_once().await.unwrap();
    }

    /// The coverage of one type.
    pub(crate) async fn coverage(&self, kind: &str) -> Coverage {
        let coverage = self.mediator.coverage().await.unwrap();
        coverage.into_iter().find(|line| line.kind == kind).unwrap()
    }

    /// How many types are complete.
    pub(crate) async fn complete(&self) -> usize {
        let coverage = self.mediator.coverage().await.unwrap();
        coverage.iter().filter(|line| line.status.name() == "ok").count()
    }

    pub(crate) async fn resources(&self, kind: &str) -> Vec<Listed> {
        let filter = Filter { kind: Some(kind.to_owned()), limit: 10_000, ..Filter::default() };
        self.mediator.resources(&filter).await.unwrap().resources
    }

    pub(crate) async fn ids(&self, kind: &str) -> Vec<String> {
        self.resources(kind).await.into_iter().map(|resource| resource.id).collect()
    }
}
