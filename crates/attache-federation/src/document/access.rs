//! What a target's role may do, by the resource types that are read with it: the actions of the catalog's list calls,
//! as an inline policy.

use attache_catalog::{Catalog, Limit, PolicyError, Types, documents};
use attache_identifiers::excerpt;
use attache_manifests::{File, Invalid};
use serde_saphyr::{Location, Spanned};

use super::check::QUOTED;
use super::{Role, shape};

/// The inline policy's name.
pub(crate) const CATALOG_POLICY: &str = "AttacheCatalog";

/// Puts the policy on the role. Gives the actions of the types, which are what is asked with it.
pub(super) fn add(
    file: File<'_>,
    given: Option<shape::Access>,
    role: &mut Role,
) -> Result<Option<Vec<String>>, Invalid> {
    let Some(shape::Access { catalog: given }) = given else { return Ok(None) };
    let Spanned { value, referenced: at, .. } = given;
    if role.inline.keys().any(|name| name.eq_ignore_ascii_case(CATALOG_POLICY)) {
        let message = format!("the inline policy `{CATALOG_POLICY}` is that of `access`");
        return Err(file.wrong(at, message, Some("give yours another name".to_owned())));
    }
    let catalog = Catalog::embedded()
        .map_err(|error| file.wrong(at, format!("the catalog: {error}"), None))?;
    let names = match value {
        shape::Words::One(word) if word == "all" => None,
        shape::Words::One(word) => {
            let message = format!(
                "expected `all` or a list of resource types, found `{}`",
                excerpt(&word, QUOTED)
            );
            let help = "such as `catalog: [ec2:instance, s3:bucket]`";
            return Err(file.wrong(at, message, Some(help.to_owned())));
        }
        shape::Words::Several(names) => Some(listed(file, at, &catalog, names)?),
    };
    let types = names.as_deref().map_or(Types::All, Types::Listed);
    let wrong = |error: PolicyError| file.wrong(at, error.to_string(), None);
    let policies = documents(&catalog, types, Limit::INLINE).map_err(wrong)?;
    // A role's inline policies count together, so that one document holds most.
    role.inline.extend(policies.into_iter().map(|policy| (CATALOG_POLICY.to_owned(), policy)));
    let asks = |kind: &str| names.as_ref().is_none_or(|names| names.iter().any(|own| own == kind));
    let entries = catalog.entries().iter().filter(|entry| asks(&entry.kind));
    let mut actions: Vec<String> =
        entries.flat_map(|entry| entry.actions.iter().cloned()).collect();
    actions.sort();
    actions.dedup();
    Ok(Some(actions))
}

fn listed(
    file: File<'_>,
    at: Location,
    catalog: &Catalog,
    given: Vec<Spanned<String>>,
) -> Result<Vec<String>, Invalid> {
    if given.is_empty() {
        return Err(file.wrong(at, "expected at least one resource type, found none", None));
    }
    let mut names = Vec::new();
    for name in given {
        if let Err(unknown) = catalog.entry(&name.value) {
            let help = unknown.help.clone();
            return Err(file.wrong(name.referenced, unknown.to_string(), Some(help)));
        }
        if names.contains(&name.value) {
            let message = format!("duplicate resource type `{}`", name.value);
            return Err(file.wrong(name.referenced, message, None));
        }
        names.push(name.value);
    }
    Ok(names)
}
