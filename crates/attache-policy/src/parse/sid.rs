//! `Sid`: which characters it takes, and whether it is the only one of its name.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html>.

use std::collections::HashSet;

use super::reader::{Reader, quoted};
use super::{Kind, aws_messages};
use crate::invalid::Diagnostic;
use crate::json::{Member, Value};

/// `seen` has the names so far.
pub(super) fn check<'n>(reader: &mut Reader, members: &'n [Member], seen: &mut HashSet<&'n str>) {
    let Some(member) = members.iter().find(|m| m.key == "Sid") else { return };
    let at = &member.node.at;
    let Value::String(sid) = &member.node.value else {
        reader.syntax(&member.node, "Sid must be text");
        return;
    };
    // S3, KMS and others take spaces and more in the policies of resources.
    if reader.kind.is_iam() && !sid.chars().all(|c| c.is_ascii_alphanumeric()) {
        let good: String = sid.chars().filter(char::is_ascii_alphanumeric).take(80).collect();
        let message = format!("the Sid {} has more than letters and digits", quoted(sid));
        let finding = Diagnostic::error(at, message).aws(aws_messages::SID_ALPHABET);
        reader.add(finding.help((!good.is_empty()).then(|| format!("write {good:?}"))));
    }
    // IAM counts no empty ones.
    if !sid.is_empty() && !seen.insert(sid.as_str()) {
        twice(reader, member, sid);
    }
}

fn twice(reader: &mut Reader, member: &Member, sid: &str) {
    let message = format!("two statements have the Sid {}", quoted(sid));
    let at = &member.node.at;
    reader.add(match reader.kind {
        Kind::Trust => Diagnostic::error(at, message).aws(aws_messages::TRUST_SID_TWICE),
        kind if kind.is_iam() => Diagnostic::error(at, message).aws(aws_messages::SID_TWICE),
        // SNS and SQS refuse them, S3 takes them.
        _ => Diagnostic::warning(at, message),
    });
}
