//! The role as IAM has it now: its trust policy, and when it was used last.

use attache_aws_accounts::CallFailure;
use attache_identifiers::RoleName;
use attache_policy::{Kind, Policy, PolicySet};
use aws_sdk_iam::error::ProvideErrorMetadata;
use percent_encoding::percent_decode_str;
use time::{Duration, OffsetDateTime};

use crate::report::LastUse;

/// The role now.
#[derive(Debug)]
pub(crate) enum RoleNow {
    /// There is none of that name.
    None,
    /// It could not be read.
    Unread(String),
    /// As it is.
    Found {
        /// None where it is no policy that can be read.
        trust: Option<PolicySet>,
        made: OffsetDateTime,
        used: Option<OffsetDateTime>,
    },
}

/// Reads the role.
pub(crate) async fn role(iam: &aws_sdk_iam::Client, name: &RoleName) -> RoleNow {
    let found = match iam.get_role().role_name(name.as_str()).send().await {
        Ok(found) => found.role,
        Err(error) if error.code() == Some("NoSuchEntity") => return RoleNow::None,
        Err(error) => return RoleNow::Unread(CallFailure::of(&error).to_string()),
    };
    let Some(found) = found else { return RoleNow::Unread("IAM answered no role".to_owned()) };
    let at = |seconds: i64| OffsetDateTime::from_unix_timestamp(seconds).ok();
    let encoded = found.assume_role_policy_document().unwrap_or_default();
    let text = percent_decode_str(encoded).decode_utf8_lossy();
    let trust = Policy::parse(&text, Kind::Trust).ok();
    RoleNow::Found {
        trust: trust.map(PolicySet::from),
        made: at(found.create_date().secs()).unwrap_or(OffsetDateTime::UNIX_EPOCH),
        used: found.role_last_used().and_then(|last| at(last.last_used_date()?.secs())),
    }
}

impl RoleNow {
    /// When it was used last; `seen` is the last session that CloudTrail has, which IAM learns of later.
    pub(crate) fn last_use(&self, seen: Option<OffsetDateTime>) -> LastUse {
        match self {
            Self::None => LastUse::NoRole,
            Self::Unread(why) => LastUse::Unknown { why: why.clone() },
            Self::Found { made, used, .. } => match (*used).max(seen) {
                Some(at) => LastUse::Used { at },
                None => LastUse::Never { made: *made },
            },
        }
    }
}

impl LastUse {
    /// Whether there was no use for so many days. A role that is younger than that is not unused.
    pub(crate) fn is_unused(&self, now: OffsetDateTime, days: i64) -> Option<bool> {
        let since = match self {
            Self::Used { at } | Self::Never { made: at } => *at,
            Self::NoRole | Self::Unknown { .. } => return None,
        };
        Some(now - since > Duration::days(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_role_is_not_unused() {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let ago = |days| now - Duration::days(days);
        for (last, unused) in [
            (LastUse::Used { at: ago(89) }, Some(false)),
            (LastUse::Used { at: ago(91) }, Some(true)),
            (LastUse::Never { made: ago(10) }, Some(false)),
            (LastUse::Never { made: ago(91) }, Some(true)),
            (LastUse::NoRole, None),
            (LastUse::Unknown { why: String::new() }, None),
        ] {
            assert_eq!(last.is_unused(now, 90), unused, "{last:?}");
        }
    }
}
