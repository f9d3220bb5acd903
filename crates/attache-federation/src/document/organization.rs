//! Targets that are the accounts of an organization: which of them, and with what role.

use std::collections::BTreeMap;

use attache_identifiers::{AccountId, Region, excerpt};
use attache_manifests::{File, Invalid};
use serde_saphyr::{Location, Spanned};

use super::check::QUOTED;
use super::{Role, Setting, Target, shape};

/// What stands for the account until it is known: no account has it.
const ANY_ACCOUNT: AccountId = AccountId::UNASSIGNED;

/// A target for each of the accounts that are selected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OrganizationTargets {
    pub(crate) include: Selection,
    pub(crate) exclude: Selection,
    /// The role, in no account yet.
    target: Target,
    /// Its place in the file.
    pub(crate) at: Location,
}

/// Accounts by their units, ids and tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) units: Vec<String>,
    pub(crate) accounts: Vec<AccountId>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl OrganizationTargets {
    pub(super) fn read(
        file: File<'_>,
        given: Spanned<shape::OrganizationTargets>,
        target: Target,
    ) -> Result<Self, Invalid> {
        let (at, given) = (given.referenced, given.value);
        let include = given.include.map(|given| selection(file, given)).transpose()?;
        let exclude = given.exclude.map(|given| selection(file, given)).transpose()?;
        let (include, exclude) = (include.unwrap_or_default(), exclude.unwrap_or_default());
        Ok(Self { include, exclude, target, at })
    }

    /// The target in one of the accounts.
    pub(crate) fn target(&self, account: AccountId) -> Target {
        let target = self.target.clone();
        Target { role: in_account(target.role, account), ..target }
    }

    pub(crate) fn region(&self) -> &Region {
        &self.target.region
    }
}

/// The place of the role's account in what is read before it is known.
pub(super) fn any_account(given: &Spanned<shape::OrganizationTargets>) -> Spanned<AccountId> {
    Spanned { value: ANY_ACCOUNT, referenced: given.referenced, defined: given.defined }
}

fn in_account(role: Role, account: AccountId) -> Role {
    let (from, to) = (format!("::{ANY_ACCOUNT}:"), format!("::{account}:"));
    let own = |arn: String| arn.replacen(&from, &to, 1);
    let mut keep = role.keep;
    keep.policies = keep.policies.into_iter().map(own).collect();
    keep.boundary = keep.boundary.map(own);
    Role {
        arn: role.arn.in_account(account),
        policies: role.policies.into_iter().map(own).collect(),
        boundary: match role.boundary {
            Setting::To(arn) => Setting::To(own(arn)),
            other => other,
        },
        keep,
        ..role
    }
}

fn selection(file: File<'_>, given: shape::Selection) -> Result<Selection, Invalid> {
    let unit = |unit: Spanned<String>| {
        if is_parent(&unit.value) {
            return Ok(unit.value);
        }
        let message =
            format!("{:?} is not an organizational unit's id", excerpt(&unit.value, QUOTED));
        let help = "such as ou-examplerootid-exampleouid, or r-examplerootid for the root; `aws \
                    organizations list-organizational-units-for-parent` lists them";
        Err(file.wrong(unit.referenced, message, Some(help.to_owned())))
    };
    Ok(Selection {
        units: given.units.into_iter().map(unit).collect::<Result<_, _>>()?,
        accounts: given.accounts,
        tags: given.tags,
    })
}

/// `r-` and 4 to 32 characters; `ou-`, those of the root, `-`, and 8 to 32.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html>
fn is_parent(id: &str) -> bool {
    let legal = |text: &str, least: usize| {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        (least..=32).contains(&text.len()) && text.bytes().all(legal)
    };
    match (id.strip_prefix("r-"), id.strip_prefix("ou-").and_then(|rest| rest.split_once('-'))) {
        (Some(root), _) => legal(root, 4),
        (_, Some((root, unit))) => legal(root, 4) && legal(unit, 8),
        _ => false,
    }
}
