//! Issuers that many organizations share: a trust policy has to say whose tokens it means.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>;
//! which operators and values count is what IAM was seen to do, which is less than its sentence says.

use std::sync::OnceLock;

use super::reader::{Reader, quoted};
use crate::invalid::Diagnostic;
use crate::operator::{Operator, Test};
use crate::pattern::Pattern;
use crate::syntax::{Condition, Effect, PrincipalKind, Statement, Text};

const FILE: &str = include_str!("../../keys/shared_issuers.txt");
const ISSUER: &str = "${Issuer}";
const WITH_WEB_IDENTITY: &str = "sts:assumerolewithwebidentity";

/// How an issuer's keys have to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Control {
    ApplicationId,
    Scoped,
    GitHub,
}

/// One line of the file.
#[derive(Debug)]
struct SharedIssuer {
    control: Control,
    issuer: &'static str,
    keys: Vec<&'static str>,
}

/// Reports each shared issuer that an `Allow` trusts without its condition.
pub(super) fn check(reader: &mut Reader, statement: &Statement) {
    if statement.effect == Effect::Deny || !allows_web_identity(statement) {
        return;
    }
    let names = statement.principal.iter().filter(|own| !own.negated).flat_map(|own| &own.list);
    for (_, name) in names.filter(|(kind, _)| *kind == PrincipalKind::Federated) {
        let issuer = name.text.split_once(":oidc-provider/").map_or(&*name.text, |(_, own)| own);
        let shared = known().iter().find(|own| own.is_of(issuer));
        let missing = shared.and_then(|own| own.missing(issuer, name, &statement.conditions));
        if let Some(finding) = missing {
            reader.add(finding);
        }
    }
}

fn allows_web_identity(statement: &Statement) -> bool {
    let list = &statement.actions.list;
    let about =
        |own: &Text| Pattern::new(&own.text.to_ascii_lowercase()).matches(WITH_WEB_IDENTITY);
    list.iter().any(about) != statement.actions.negated
}

impl SharedIssuer {
    fn is_of(&self, issuer: &str) -> bool {
        match self.control {
            Control::GitHub => issuer.starts_with(self.issuer),
            Control::ApplicationId | Control::Scoped => issuer == self.issuer,
        }
    }

    /// What is wrong: nothing where one block of conditions is as it has to be.
    fn missing(&self, issuer: &str, name: &Text, conditions: &[Condition]) -> Option<Diagnostic> {
        let keys: Vec<String> = self.keys.iter().map(|key| key.replace(ISSUER, issuer)).collect();
        let about: Vec<&Condition> = conditions
            .iter()
            .filter(|own| self.counts(&own.operator) && self.is_one_of(&keys, &own.key.text))
            .collect();
        let too_open = |own: &&Condition| own.values.iter().any(|value| self.is_open(&value.text));
        // Keys under one operator stand together; another operator can make up for them.
        let is_good = |own: &&Condition| {
            let mut block = about.iter().filter(|other| other.operator == own.operator);
            !block.any(too_open)
        };
        if about.iter().any(is_good) {
            return None;
        }
        let open = about.iter().flat_map(|own| &own.values).find(|own| self.is_open(&own.text));
        let message = match open {
            Some(value) => {
                format!("{} lets in tokens of others: {issuer} is shared", quoted(&value.text))
            }
            None => format!("{issuer} is shared: a condition must say whose tokens are meant"),
        };
        let help = match self.control {
            Control::ApplicationId => {
                format!("add a condition StringEquals on {}", keys.join(" or "))
            }
            Control::Scoped | Control::GitHub => format!(
                "add a condition StringEquals or StringLike on {}, whose values name your own",
                keys.join(" or ")
            ),
        };
        let at = open.map_or(&name.at, |value| &value.at);
        let aws = self.aws_message(issuer, name, &keys, conditions.is_empty());
        Some(Diagnostic::error(at, message).aws(aws).help(Some(help)))
    }

    /// The older check compares the key's letters, the newer one does not.
    fn is_one_of(&self, keys: &[String], key: &str) -> bool {
        keys.iter().any(|own| match self.control {
            Control::ApplicationId => own == key,
            Control::Scoped | Control::GitHub => own.eq_ignore_ascii_case(key),
        })
    }

    fn counts(&self, operator: &Operator) -> bool {
        let compares = match operator.test {
            Test::StringEquals | Test::StringEqualsIgnoreCase => true,
            Test::StringLike => self.control != Control::ApplicationId,
            _ => false,
        };
        compares && !operator.negated && !operator.if_exists
    }

    fn is_open(&self, value: &str) -> bool {
        match self.control {
            Control::ApplicationId => false,
            Control::Scoped => value == "*",
            Control::GitHub => value.trim().is_empty() || value.starts_with('*'),
        }
    }

    fn aws_message(&self, issuer: &str, name: &Text, keys: &[String], bare: bool) -> String {
        let principal = match self.control {
            Control::ApplicationId => {
                return format!(
                    "Policy trusting {issuer} requires a StringEquals condition on an application id"
                );
            }
            Control::Scoped if bare && issuer == "cognito-identity.amazonaws.com" => {
                return "A condition block must be present for the Cognito provider".to_owned();
            }
            Control::Scoped => issuer,
            Control::GitHub => &name.text,
        };
        format!(
            "Trust policy with trusted principal {principal} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, {} which is not scoped to all.",
            keys.join(" or ")
        )
    }
}

fn known() -> &'static [SharedIssuer] {
    static KNOWN: OnceLock<Vec<SharedIssuer>> = OnceLock::new();
    KNOWN.get_or_init(|| FILE.lines().filter_map(read).collect())
}

/// A line of the file; nothing of a comment.
fn read(line: &'static str) -> Option<SharedIssuer> {
    let mut words = line.split(' ');
    let control = match words.next()? {
        "application-id" => Control::ApplicationId,
        "scoped" => Control::Scoped,
        "github" => Control::GitHub,
        _ => return None,
    };
    Some(SharedIssuer { control, issuer: words.next()?, keys: words.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_is_read() {
        let lines = FILE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(known().len(), lines.count());
        assert!(known().iter().all(|own| !own.keys.is_empty()));
    }
}
