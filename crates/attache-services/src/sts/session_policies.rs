//! Session policies, and how much of a session's space they take.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>

use attache_aws_protocol::ServiceError;
use attache_ledger::state::{Account, State};
use attache_policy::{Kind, Policy};

use super::inputs::PolicyArn;
use super::session_tags::SessionTags;
use crate::refusal::{malformed_policy, validation};

/// AWS's: managed session policies of a session.
const MOST_ARNS: usize = 10;

/// The bytes that session policies and tags share. AWS packs them in a way of its own and answers
/// the percentage; ours counts them as they are, against the limit on an inline session policy.
const ALLOTTED: usize = 2048;

/// The session policies of a new session.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SessionPolicies {
    pub(super) inline: Option<String>,
    pub(super) arns: Vec<String>,
}

impl SessionPolicies {
    /// Reads the members `Policy` and `PolicyArns`.
    ///
    /// # Errors
    /// When the document is no policy, or an ARN is that of no managed policy.
    pub(super) fn read(
        inline: Option<&str>,
        arns: &[PolicyArn<'_>],
        state: &State,
        account: &Account,
    ) -> Result<Self, ServiceError> {
        if let Some(text) = inline {
            Policy::parse(text, Kind::Session)
                .map_err(|invalid| malformed_policy(invalid.aws_message()))?;
        }
        let arns: Vec<String> =
            arns.iter().filter_map(|given| given.arn).map(str::to_owned).collect();
        if arns.len() > MOST_ARNS {
            return Err(validation(format!(
                "The number of session policies exceeds the limit of {MOST_ARNS}."
            )));
        }
        if let Some(arn) = arns.iter().find(|arn| state.managed_policy(account, arn).is_none()) {
            return Err(validation(format!("{arn} is invalid")));
        }
        Ok(Self { inline: inline.map(str::to_owned), arns })
    }

    /// The percentage of the allotted space that policies and tags take; none without any.
    ///
    /// # Errors
    /// `PackedPolicyTooLarge` when it is more than there is.
    pub(super) fn packed(&self, tags: &SessionTags) -> Result<Option<usize>, ServiceError> {
        let policies = self.inline.iter().chain(&self.arns).map(String::len).sum::<usize>();
        let tags = tags.all().iter().map(|tag| tag.key.len() + tag.value.len()).sum::<usize>();
        let percent = ((policies + tags) * 100).div_ceil(ALLOTTED);
        if percent > 100 {
            let what = if policies == 0 { "session tags" } else { "session policies and tags" };
            let message = format!("Packed size of {what} consumes {percent}% of allotted space.");
            return Err(ServiceError::new(400, "PackedPolicyTooLarge", message));
        }
        Ok((percent > 0).then_some(percent))
    }
}
