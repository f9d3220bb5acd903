//! The quickstart's federation: the document's names and accounts, for any number of targets.

use std::fmt::Write as _;

use attache_identifiers::{AccountId, Issuer};
use attache_kubernetes::ServiceAccount;
use miette::IntoDiagnostic;

/// The document's issuer, with the region that it leaves open.
pub(super) const ISSUER: &str =
    "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
/// The document's organization.
const ORGANIZATION: &str = "o-pyxgi8opc5";
/// The document's source account, the management account in the quickstart.
const SOURCE: &str = "111111111111";
/// The document's first target; the others follow it.
const FIRST_TARGET: u64 = 222_222_222_222;
const STEP: u64 = 111_111_111_111;

/// The source account, then the targets: 222222222222, 333333333333 and so on, and after the nines
/// 222222222223 and upwards.
pub(crate) fn accounts(targets: u16) -> miette::Result<Vec<AccountId>> {
    let number = |i: u64| match i {
        0..8 => FIRST_TARGET + STEP * i,
        _ => FIRST_TARGET + i - 7,
    };
    let targets = (0..u64::from(targets)).map(|i| number(i).to_string());
    std::iter::once(SOURCE.to_owned())
        .chain(targets)
        .map(|id| AccountId::parse(&id).into_diagnostic())
        .collect()
}

/// The federation file of a workload over those accounts.
pub(super) fn federation(
    accounts: &[AccountId],
    issuer: &Issuer,
    workload: &ServiceAccount,
) -> String {
    let (namespace, name) = (workload.namespace(), workload.name());
    let mut text = format!(
        "apiVersion: attache/v1
kind: Federation
metadata: {{ name: causely }}
spec:
  issuer: {issuer}
  organization: {{ id: {ORGANIZATION}, management: \"{SOURCE}\" }}
  workload: {{ namespace: {namespace}, serviceAccount: {name} }}
  source: {{ account: \"{SOURCE}\", role: CauselyMediation }}
  targets:
"
    );
    for account in accounts.iter().skip(1) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "    - {{ account: \"{account}\", role: CauselyAccess, region: us-east-1, policies: [ReadOnlyAccess] }}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accounts_are_the_documents_and_never_repeat() {
        let accounts = accounts(500).unwrap();
        assert_eq!(accounts[1].to_string(), "222222222222");
        assert_eq!(accounts[2].to_string(), "333333333333");
        assert_eq!(accounts[9].to_string(), "222222222223");
        let distinct: std::collections::BTreeSet<_> = accounts.iter().collect();
        assert_eq!(distinct.len(), 501);
    }

    #[test]
    fn the_file_is_a_federation_of_all_targets() {
        let accounts = accounts(3).unwrap();
        let issuer = Issuer::parse(ISSUER).unwrap();
        let workload = ServiceAccount::new("causely", "causely-mediator").unwrap();
        let text = federation(&accounts, &issuer, &workload);
        let read = attache_federation::Federation::from_yaml(&text, "federation.yaml").unwrap();
        assert_eq!(read.accounts(), accounts);
    }
}
