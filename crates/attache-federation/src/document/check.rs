//! From the file's shape to a [`Federation`]: what serde cannot say.

use attache_identifiers::{Partition, Region, excerpt};
use attache_manifests::{File, Invalid};
use serde_saphyr::Spanned;

use super::organization::OrganizationTargets;
use super::role::Roles;
use super::shape::{self, Document};
use super::{
    Federation, FederationFile, ListedWorkload, Organization, Role, Target, access, mode, workloads,
};

const API_VERSION: &str = "attache/v1";
const KIND: &str = "Federation";

/// AWS's: a tag's value has at most 256 characters, and the name is one.
const LONGEST_NAME: usize = 256;

/// The file systems': a file's name has at most 255 bytes, and `render` writes `NAME-values.yaml`.
const LONGEST_NAME_BYTES: usize = 255 - "-values.yaml".len();

/// Ours: characters of a wrong value that an error repeats, as `attache_identifiers::NameError` does.
pub(super) const QUOTED: usize = 200;

pub(super) fn federation(file: File<'_>, document: Document) -> Result<FederationFile, Invalid> {
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
        clusters: spec.clusters,
    };
    let mode = settings.read()?;
    let workloads = workloads::read(file, spec_at, spec.workload, spec.workloads, &mode.settings)?;
    mode::workloads(file, spec_at, &mode.settings, &workloads)?;
    let (at, shapes) = (spec.targets.referenced, spec.targets.value);
    if shapes.is_empty() {
        return Err(file.wrong(at, "expected at least one target, found none", None));
    }
    let shapes = shapes.into_iter().map(|shape| shape.split(file));
    let shapes: Vec<_> = shapes.collect::<Result<_, _>>()?;
    let partition = one_partition(file, shapes.iter().map(|shape| &shape.region))?;
    mode.same_partition(file, &partition)?;
    let roles = Roles { file, partition: &partition };
    let source_at = spec.source.account.referenced;
    let source = roles.read(spec.source)?;
    mode::own_policy(file, source_at, &mode.settings, &source)?;
    let (targets, organization_targets) = targets(&roles, &source, &workloads, shapes)?;
    let federation = Federation {
        name: tag_value(file, document.metadata.name)?,
        mode: mode.settings,
        organization: spec.organization.map(|o| organization(file, o)).transpose()?,
        workloads,
        source,
        targets,
        partition,
    };
    Ok(FederationFile { federation, organization_targets, file: file.name().to_owned() })
}

fn exactly(file: File<'_>, given: &Spanned<String>, expected: &str) -> Result<(), Invalid> {
    if given.value == expected {
        return Ok(());
    }
    let message = format!("expected `{expected}`, found `{}`", excerpt(&given.value, QUOTED));
    Err(file.wrong(given.referenced, message, None))
}

/// The partition of the targets' regions: an OIDC provider and its roles live in one.
fn one_partition<'r>(
    file: File<'_>,
    regions: impl Iterator<Item = &'r Spanned<Region>>,
) -> Result<Partition, Invalid> {
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
    workloads: &[ListedWorkload],
    shapes: Vec<shape::SplitTarget>,
) -> Result<(Vec<Target>, Vec<OrganizationTargets>), Invalid> {
    let mut targets: Vec<Target> = Vec::new();
    let mut of_organization = Vec::new();
    for shape in shapes {
        let shape::SplitTarget { role: shape, region, workloads: given, access, organization } =
            shape;
        let file = roles.file;
        let (at, role_at) = (shape.account.referenced, shape.role.referenced);
        let mut role = roles.read(shape)?;
        let actions = access::add(file, access, &mut role)?;
        let own = workloads::of_target(file, given, workloads)?;
        let target = Target { role, region: region.value, workloads: own, actions };
        if let Some(given) = organization {
            of_organization.push(OrganizationTargets::read(file, given, target)?);
            continue;
        }
        if let Some((other, workload)) = targets.iter().find_map(|other| shared(other, &target)) {
            let account = target.role.arn.account();
            let (message, help) = match workloads {
                [_] => (
                    format!("the account {account} is a target already"),
                    "an account is scraped with one role: remove one of the two".to_owned(),
                ),
                _ => (
                    format!(
                        "{} has a role in the account {account} already: {}",
                        workloads[workload].workload.name(),
                        other.role.arn.name()
                    ),
                    "a workload has one role in an account: name the `workloads` of each target"
                        .to_owned(),
                ),
            };
            return Err(file.wrong(at, message, Some(help)));
        }
        let others = targets.iter().map(|other| &other.role);
        if let Some(other) =
            std::iter::once(source).chain(others).find(|other| is_same(&target.role, other))
        {
            let help = "give the two roles different names".to_owned();
            let whose =
                if std::ptr::eq(other, source) { "the source's" } else { "another target's" };
            let message = format!("{} is {whose} role already", target.role.arn);
            return Err(file.wrong(role_at, message, Some(help)));
        }
        targets.push(target);
    }
    Ok((targets, of_organization))
}

/// Another target of the account for one of the target's workloads, with that one.
pub(crate) fn shared<'t>(other: &'t Target, target: &Target) -> Option<(&'t Target, usize)> {
    if other.role.arn.account() != target.role.arn.account() {
        return None;
    }
    let workload = other.workloads.iter().find(|own| target.workloads.contains(own))?;
    Some((other, *workload))
}

/// IAM takes the names of roles without case.
pub(crate) fn is_same(a: &Role, b: &Role) -> bool {
    a.arn.account() == b.arn.account()
        && a.arn.name().as_str().eq_ignore_ascii_case(b.arn.name().as_str())
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
