//! What the journal will say of a call, filled in while the call is looked at.

use names::AccountId;
use wire::ServiceError;

use crate::access::Caller;
use crate::access::context::Surroundings;
use crate::change::Change;
use crate::{Event, Outcome};

/// An event in the making.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) account: Option<AccountId>,
    pub(super) principal: String,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) reason: String,
    pub(super) access_key: Option<String>,
}

impl Note {
    /// Of a call of which nothing is known but its service.
    pub(super) fn new(service: &str) -> Self {
        Self {
            account: None,
            principal: "anonymous".to_owned(),
            action: format!("{}:*", cut(service)),
            resource: "*".to_owned(),
            reason: String::new(),
            access_key: None,
        }
    }

    /// Notes who calls.
    pub(super) fn by(&mut self, caller: &Caller) {
        self.account = Some(caller.account);
        self.principal.clone_from(&caller.arn);
        self.access_key = Some(caller.access_key.clone());
    }

    /// Notes what is asked.
    pub(super) fn asks(&mut self, action: impl Into<String>, resource: impl Into<String>) {
        self.action = action.into();
        self.resource = resource.into();
    }

    /// The event.
    pub(super) fn event(
        self,
        around: &Surroundings,
        outcome: Result<(), &ServiceError>,
        change: Option<Change>,
    ) -> Event {
        let outcome = match outcome {
            Ok(()) => Outcome::Allowed,
            Err(error) => {
                Outcome::Refused { code: error.code.clone(), message: cut(&error.message) }
            }
        };
        Event {
            at: around.now,
            account: self.account,
            principal: cut(&self.principal),
            action: cut(&self.action),
            resource: cut(&self.resource),
            region: around.region.clone(),
            source: around.source.to_string(),
            outcome,
            reason: cut(self.reason.trim_end()),
            access_key: self.access_key,
            user_agent: around
                .user_agent
                .iter()
                .flat_map(|text| text.chars())
                .take(AGENT)
                .collect(),
            request_id: around.request_id.clone(),
            change,
        }
    }
}

/// The most characters of a text in an event. Ours: whoever calls chooses many of them, and the
/// journal must not grow by a megabyte a call.
const LONGEST: usize = 4096;

/// The most characters of what a client says of itself.
const AGENT: usize = 256;

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
