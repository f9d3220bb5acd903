//! From the file's shape to a [`Federation`]: what serde cannot say.

use attache_identifiers::{
    AccountId, LONGEST_DNS_LABEL, LONGEST_DNS_SUBDOMAIN, Partition, Region, excerpt, is_dns_label,
    is_dns_subdomain,
};
use attache_manifests::{File, Invalid};
use serde_saphyr::Spanned;

use super::role::Roles;
use super::shape::{self, Document};
use super::{Federation, Organization, Role, Target, Workload, mode};

const API_VERSION: &str = "attache/v1";
const KIND: &str = "Federation";

/// AWS's: a tag's value has at most 256 characters, and the name is one.
const LONGEST_NAME: usize = 256;

/// The file systems': a file's name has at most 255 bytes, and `render` writes `NAME-values.yaml`.
const LONGEST_NAME_BYTES: usize = 255 - "-values.yaml".len();

/// Ours: characters of a wrong value that an error repeats, as `attache_identifiers::NameError` does.
pub(super) const QUOTED: usize = 200;

pub(super) fn federation(file: File<'_>, document: Document) -> Result<Federation, Invalid> {
    exactly(file, &document.api_version, API_VERSION)?;
    exactly(file, &document.kind, KIND)?;
    let (spec_at, spec) = (document.spec.referenced, document.spec.value);
    let settings = mode::Given {
        file,
        spec_at,
        mode: spec.mode,
        issuer: spec.issuer,
        audience: spec.audience,
        thumbprints: spec.thumbprints,
        cluster: spec.cluster,
    };
    let mode = settings.read()?;
    let (at, shapes) = (spec.targets.referenced, spec.targets.value);
    if shapes.is_empty() {
        return Err(file.wrong(at, "expected at least one target, found none", None));
    }
    let (shapes, regions): (Vec<_>, Vec<_>) = shapes.into_iter().map(shape::Target::split).unzip();
    let partition = one_partition(file, &regions)?;
    mode.same_partition(file, &partition)?;
    let roles = Roles { file, partition: &partition };
    let source_at = spec.source.account.referenced;
    let source = roles.read(spec.source)?;
    mode::own_policy(file, source_at, &mode.settings, &source)?;
    let targets = targets(&roles, &source, shapes, regions)?;
    Ok(Federation {
        name: tag_value(file, document.metadata.name)?,
        mode: mode.settings,
        organization: spec.organization.map(|o| organization(file, o)).transpose()?,
        workload: workload(file, spec.workload)?,
        source,
        targets,
        partition,
    })
}

fn exactly(file: File<'_>, given: &Spanned<String>, expected: &str) -> Result<(), Invalid> {
    if given.value == expected {
        return Ok(());
    }
    let message = format!("expected `{expected}`, found `{}`", excerpt(&given.value, QUOTED));
    Err(file.wrong(given.referenced, message, None))
}

/// The partition of the targets' regions: an OIDC provider and its roles live in one.
fn one_partition(file: File<'_>, regions: &[Spanned<Region>]) -> Result<Partition, Invalid> {
    let mut found: Option<Partition> = None;
    for region in regions {
        let partition = region.value.partition();
        match &found {
            Some(first) if *first != partition => {
                let message = format!(
                    "{} is in the partition {partition}, the first target in {first}",
                    region.value
                );
                let help = "a federation stays in one partition: write another file".to_owned();
                return Err(file.wrong(region.referenced, message, Some(help)));
            }
            _ => found = Some(partition),
        }
    }
    Ok(found.unwrap_or_else(Partition::aws))
}

fn targets(
    roles: &Roles<'_>,
    source: &Role,
    shapes: Vec<shape::Source>,
    regions: Vec<Spanned<Region>>,
) -> Result<Vec<Target>, Invalid> {
    let mut targets: Vec<Target> = Vec::new();
    for (shape, region) in shapes.into_iter().zip(regions) {
        let (at, role_at) = (shape.account.referenced, shape.role.referenced);
        let role = roles.read(shape)?;
        let account: AccountId = role.arn.account();
        if targets.iter().any(|other| other.role.arn.account() == account) {
            let help = "an account is scraped with one role: remove one of the two".to_owned();
            let message = format!("the account {account} is a target already");
            return Err(roles.file.wrong(at, message, Some(help)));
        }
        if role.arn.account() == source.arn.account() && same_name(&role, source) {
            let help = "give the two roles different names".to_owned();
            let message = format!("{} is the source's role already", role.arn);
            return Err(roles.file.wrong(role_at, message, Some(help)));
        }
        targets.push(Target { role, region: region.value });
    }
    Ok(targets)
}

/// IAM takes the names of roles without case.
fn same_name(a: &Role, b: &Role) -> bool {
    a.arn.name().as_str().eq_ignore_ascii_case(b.arn.name().as_str())
}

fn tag_value(file: File<'_>, name: Spanned<String>) -> Result<String, Invalid> {
    let legal = |c: char| c.is_alphanumeric() || "_.:/=+-@".contains(c);
    let text = &name.value;
    let too_long = text.chars().count() > LONGEST_NAME || text.len() > LONGEST_NAME_BYTES;
    if text.is_empty() || too_long || !text.chars().all(legal) {
        let message = format!("{:?} is not a valid federation name", excerpt(text, QUOTED));
        let help = "it becomes a tag's value and a file's name: letters, digits and _.:/=+-@, at \
                    most 243 bytes";
        return Err(file.wrong(name.referenced, message, Some(help.to_owned())));
    }
    Ok(name.value)
}

fn organization(file: File<'_>, given: shape::Organization) -> Result<Organization, Invalid> {
    let tail = given.id.value.strip_prefix("o-").unwrap_or_default();
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    // AWS's: o- and 10 to 32 lower-case letters or digits.
    if !(10..=32).contains(&tail.len()) || !tail.bytes().all(legal) {
        let id = excerpt(&given.id.value, QUOTED);
        let message = format!("{id:?} is not a valid organization id");
        let help = "it must look like o-pyxgi8opc5".to_owned();
        return Err(file.wrong(given.id.referenced, message, Some(help)));
    }
    Ok(Organization { id: given.id.value, management: given.management })
}

fn workload(file: File<'_>, given: shape::Workload) -> Result<Workload, Invalid> {
    let (label, subdomain) = (LONGEST_DNS_LABEL, LONGEST_DNS_SUBDOMAIN);
    let namespace = kubernetes_name(file, given.namespace, is_dns_label, label)?;
    let service_account =
        kubernetes_name(file, given.service_account, is_dns_subdomain, subdomain)?;
    Ok(Workload { namespace, service_account })
}

fn kubernetes_name(
    file: File<'_>,
    given: Spanned<String>,
    is_name: fn(&str) -> bool,
    longest: usize,
) -> Result<String, Invalid> {
    let text = &given.value;
    if !is_name(text) {
        let message = format!("{:?} is not a Kubernetes name", excerpt(text, QUOTED));
        let help = format!("at most {longest} of a-z, 0-9 and -, with no - at the ends");
        return Err(file.wrong(given.referenced, message, Some(help)));
    }
    Ok(given.value)
}
