//! The encoded message of a refusal, which `DecodeAuthorizationMessage` decodes for callers who may call it.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>

use attache_identifiers::{AccountId, Secret};
use attache_ledger::MasterKey;
use attache_policy::{Context, Denial, Explanation, Outcome, Values};
use serde_json::{Value, json};

use super::{Caller, Identity};
use crate::service::Permission;

/// The one member that says what the text is; a session token opens with the same key.
const MARK: &str = "attacheAuthorizationMessage";

/// The text between a refusal's sentence and the encoded message.
pub const BEFORE: &str = ". Encoded authorization failure message: ";

/// The account whose message it is: another's callers cannot read it.
const ACCOUNT: &str = "account";

/// Encrypts why a permission was refused. None when the system has no randomness left.
pub fn encode(
    key: &MasterKey,
    why: &Explanation,
    caller: &Caller,
    permission: &Permission,
    context: &Context,
) -> Option<String> {
    let message = members(why, caller, permission, context);
    let sealed =
        key.seal(json!({MARK: message, ACCOUNT: caller.account}).to_string().as_bytes()).ok()?;
    Some(sealed.expose().to_owned())
}

/// The message behind the text; none where it is not one of that account's.
pub(crate) fn decode(key: &MasterKey, account: AccountId, text: &str) -> Option<String> {
    let plain = key.open(&Secret::new(text))?;
    let value: Value = serde_json::from_slice(&plain).ok()?;
    if value.get(ACCOUNT).and_then(Value::as_str) != Some(&account.to_string()) {
        return None;
    }
    value.get(MARK).map(Value::to_string)
}

/// The message's members as AWS has them: the decision, the statements that made it, the principal, the
/// action, the resource and the condition keys.
fn members(
    why: &Explanation,
    caller: &Caller,
    permission: &Permission,
    context: &Context,
) -> Value {
    let statements = why.decided_by.iter().map(|place| {
        json!({"statementId": place.sid.as_deref().unwrap_or(""), "effect": "DENY",
               "sourcePolicyId": place.policy})
    });
    let conditions = context.keys().map(|key| {
        let values = context.get(key).into_iter().flat_map(Values::iter);
        let values: Vec<Value> = values.map(|value| json!({"value": value})).collect();
        json!({"key": key, "values": {"items": values}})
    });
    let name = match &caller.identity {
        Identity::User { name, .. } => name.clone(),
        Identity::Session(session) => session.role.name().to_string(),
    };
    json!({
        "allowed": false,
        "explicitDeny": matches!(why.outcome, Outcome::Denied(Denial::Explicit(_))),
        "matchedStatements": {"items": statements.collect::<Vec<_>>()},
        "failures": {"items": []},
        "context": {
            "principal": {"id": caller.user_id, "name": name, "arn": caller.arn},
            "action": permission.action,
            "resource": permission.resource,
            "conditions": {"items": conditions.collect::<Vec<_>>()},
        },
    })
}

#[cfg(test)]
mod tests {
    use attache_policy::{EffectivePolicies, Request};

    use super::*;

    #[test]
    fn a_message_is_read_in_its_own_account_alone() {
        let account = |id| AccountId::parse(id).unwrap();
        let caller = Caller {
            account: account("222222222222"),
            arn: "arn:aws:iam::222222222222:user/ann".to_owned(),
            user_id: "AIDA".to_owned(),
            identity: Identity::User {
                name: "ann".to_owned(),
                arn: "arn:aws:iam::222222222222:user/ann".to_owned(),
                session: None,
            },
            access_key: "AKIA".to_owned(),
            region: "us-east-1".to_owned(),
        };
        let (action, resource) = ("ec2:RunInstances".to_owned(), "*".to_owned());
        let request = Request {
            principal: caller.principal(),
            action: action.clone(),
            resource: resource.clone(),
            resource_account: None,
            context: Context::new(),
        };
        let why = attache_policy::evaluate(&EffectivePolicies::default(), &request).explain();
        let permission = Permission { action, resource };
        let key = MasterKey::generate().unwrap();
        let text = encode(&key, &why, &caller, &permission, &request.context).unwrap();
        let read = decode(&key, caller.account, &text).unwrap();
        assert!(read.contains("user/ann"), "{read}");
        assert_eq!(decode(&key, account("111111111111"), &text), None, "another account");
        assert_eq!(decode(&MasterKey::generate().unwrap(), caller.account, &text), None);
    }
}
