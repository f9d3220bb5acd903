//! What the journal will say of a call, filled in while the call is looked at.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use attache_aws_protocol::ServiceError;
use attache_identifiers::{AccountId, redact};
use attache_ledger::change::Change;
use attache_ledger::{Event, Outcome};
use attache_services::access::Caller;
use attache_services::access::context::CallContext;
use attache_services::validation::size;
use serde_json::{Map, Value};

use crate::decisions::Step;

/// An event in the making.
#[derive(Debug, Default)]
pub(super) struct EventBuilder {
    pub(super) account: Option<AccountId>,
    /// Empty: nobody was proved.
    pub(super) principal: String,
    /// Empty: it is the operation's own name.
    action: String,
    /// Empty: none in particular.
    pub(super) resource: String,
    pub(super) reason: String,
    access_key: Option<String>,
    principal_id: String,
    operation: String,
    parameters: Option<Value>,
    /// The permissions that were asked for, where they are to be explained.
    pub(super) steps: Vec<Step>,
}

impl EventBuilder {
    /// Notes who calls.
    pub(super) fn caller(&mut self, caller: &Caller) {
        self.account = Some(caller.account);
        self.principal.clone_from(&caller.arn);
        self.access_key = Some(caller.access_key.clone());
        self.principal_id.clone_from(&caller.user_id);
    }

    /// Notes which operation it is, with its service, and with which input.
    pub(super) fn operation(&mut self, operation: String, input: &Value) {
        self.parameters = parameters(input);
        self.operation = operation;
    }

    /// Notes what is asked.
    pub(super) fn requested(&mut self, action: impl Into<String>, resource: impl Into<String>) {
        self.action = action.into();
        self.resource = resource.into();
    }

    /// The event, of a call to a service.
    pub(super) fn finish(
        self,
        service: &str,
        call: &CallContext,
        outcome: Result<(), &ServiceError>,
        change: Option<Change>,
    ) -> Event {
        let outcome = match outcome {
            Ok(()) => Outcome::Allowed,
            Err(error) => {
                let (code, message) = (error.code.clone(), cut(error.message.clone()));
                Outcome::Refused { code, message }
            }
        };
        let (action, operation) = match (self.action, self.operation) {
            (action, operation) if action.is_empty() && operation.is_empty() => {
                (format!("{service}:*"), operation)
            }
            (action, operation) if action.is_empty() || action == operation => {
                (operation, String::new())
            }
            named => named,
        };
        let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
        Event {
            at: call.now,
            account: self.account,
            principal: or(cut(self.principal), "anonymous"),
            action: cut(action),
            resource: or(cut(self.resource), "*"),
            region: cut(call.region.clone()),
            source: call.source.clone(),
            outcome,
            reason: cut(trimmed(self.reason)),
            access_key: self.access_key,
            principal_id: self.principal_id,
            operation: cut(operation),
            parameters: self.parameters,
            user_agent: cut_to(AGENT, &redact(call.user_agent.as_deref().unwrap_or_default(), &[])),
            request_id: call.request_id.clone(),
            change,
        }
    }
}

/// The most characters of a text in an event. Ours: whoever calls chooses many of them, and the
/// journal must not grow by a megabyte a call.
const LONGEST: usize = 4096;

/// What the name of a member has that is secret, or as good as, in small letters. Whoever calls writes
/// the names, of operations that nobody answers too: more are left out than AWS's models call so.
const SECRET: &[&str] = &[
    "password",
    "secret",
    "privatekey",
    "assertion",
    "identitytoken",
    "sessiontoken",
    "securitytoken",
    "security-token",
    "encodedmessage",
    "tokencode",
    "authenticationcode",
];

/// Whether a member is not to be told.
fn is_secret(name: &str) -> bool {
    static PARTS: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(SECRET).ok());
    // Without the automaton, which these few words always have, nothing is told.
    let has_part = PARTS.as_ref().is_none_or(|parts| parts.is_match(name));
    has_part || name.eq_ignore_ascii_case("token")
}

/// The most bytes of a call's input in an event. Ours: those of a change are kept with it anyway.
const PARAMETERS: usize = 1024;

/// An input as CloudTrail writes it: members begin small. None where it is too long.
fn parameters(input: &Value) -> Option<Value> {
    let members = input.as_object()?.iter();
    let members = members
        .filter(|(name, _)| !["Action", "Version"].contains(&name.as_str()) && !is_secret(name))
        .filter(|(name, _)| is_name(name));
    let mut bytes = 0;
    let mut told = Map::new();
    for (name, value) in members {
        bytes += name.len() + size(value);
        if bytes > PARAMETERS {
            return None;
        }
        told.insert(lower_first(name), shown(value));
    }
    (!told.is_empty()).then_some(Value::Object(told))
}

/// A value without the secrets in it: whoever calls can put a token where none belongs.
fn shown(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact(text, &[]).into_owned()),
        Value::Array(items) => items.iter().map(shown).collect(),
        Value::Object(members) => {
            let own = members.iter().filter(|(name, _)| is_name(name) && !is_secret(name));
            own.map(|(name, value)| (name.clone(), shown(value))).collect()
        }
        other => other.clone(),
    }
}

/// The longest name of a member. Ours: AWS's longest inputs have names of 34 letters, and the parts of a
/// token that a form takes for a name, for it takes names apart at the dots, are longer.
const LONGEST_NAME: usize = 40;

/// What a token's first part begins with: base64 of `{"`.
const TOKEN_BEGINS: &str = "eyJ";

/// Whether a text can be a member's name, and not a token in a name's place.
fn is_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME && !name.starts_with(TOKEN_BEGINS)
}

fn lower_first(name: &str) -> String {
    let mut text = name.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

/// The most characters of what a client says of itself.
const AGENT: usize = 256;

/// Without secrets, and only then cut: half a token is not known by its shape.
fn cut(text: String) -> String {
    let text = match redact(&text, &[]) {
        Cow::Owned(hidden) => hidden,
        Cow::Borrowed(_) => text,
    };
    // Nothing has more characters than bytes.
    if text.len() <= LONGEST { text } else { cut_to(LONGEST, &text) }
}

fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    text
}

pub(super) fn cut_to(most: usize, text: &str) -> String {
    // Nothing has more characters than bytes.
    if text.len() <= most { text.to_owned() } else { text.chars().take(most).collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parameters;

    #[test]
    fn what_is_secret_is_not_told() {
        for name in [
            "WebIdentityToken",
            "webIdentityToken",
            "token",
            "Password",
            "OldPassword",
            "NewPassword",
            "MasterUserPassword",
            "PrivateKey",
            "SAMLAssertion",
            "AuthenticationCode1",
            "SecretAccessKey",
            "SessionToken",
            "x-amz-security-token",
        ] {
            assert_eq!(parameters(&json!({ name: "it" })), None, "{name}");
        }
        let told = json!({"UserName": "ann", "ClientRequestToken": "1", "NextToken": "2"});
        let shown = json!({"userName": "ann", "clientRequestToken": "1", "nextToken": "2"});
        assert_eq!(parameters(&told), Some(shown));
    }
}
