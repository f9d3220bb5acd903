//! What a service is to the loop that answers calls: one trait for a service, one for an operation.
//!
//! Knows: what an operation is given and what it gives back. Does not know: how a caller is
//! authenticated and authorised, and how a change is kept; the authority's loop does that, for all
//! services alike.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::sync::MutexGuard;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_ledger::change::Change;
use attache_ledger::state::{Account, State};
use attache_ledger::usage::Usage;
use attache_ledger::{Ledger, MasterKey};
use attache_policy::{Context, Explanation};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use crate::Quotas;
use crate::access::Caller;
use crate::access::context::CallContext;
use crate::budget::Budget;
use crate::cloudtrail::Lookup;
use crate::issuer_keys::{IssuerKeys, KeyRequest};
use crate::refusal;
use crate::sts::{self, IssuedSession, RequesterIdentity};
use crate::validation::Input;

/// One thing that a caller must be allowed before a call is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The IAM action: `ec2:DescribeInstances`.
    pub action: String,
    /// The ARN that it is about, or `*`.
    pub resource: String,
}

/// A service of AWS's.
pub trait Service: Send + Sync {
    /// What its signatures are scoped to and its actions begin with: `iam`.
    fn name(&self) -> &str;

    /// How its calls and answers are written.
    fn protocol(&self) -> Protocol;

    /// Whether a call is in its protocol. One that AWS serves in two protocols is two services of one
    /// name here.
    fn speaks(&self, _inbound: &Inbound) -> bool {
        true
    }

    /// Reads which operation a call names, and with which input.
    ///
    /// # Errors
    /// When the call cannot be read.
    fn route(&self, inbound: &Inbound) -> Result<Routed, ServiceError>;

    /// The operation of that name, where it is served.
    fn operation(&self, name: &str) -> Option<&dyn Operation>;

    /// The IAM action of an operation that is not served; none where AWS has no such operation.
    fn unserved_action(&self, operation: &str) -> Option<String> {
        let action = format!("{}:{operation}", self.name());
        attache_policy::is_action(&action).then_some(action)
    }

    /// What that action is about, as far as the input says.
    fn unserved_resource(&self, _caller: &Caller, _input: &Value) -> String {
        "*".to_owned()
    }

    /// The refusal of an operation that AWS has and that is not served, to a caller who may call it.
    fn unserved(&self, operation: &str) -> ServiceError {
        refusal::unserved(self.protocol(), self.name(), operation)
    }

    /// The refusal of a name that is no operation of AWS's.
    fn unknown_operation(&self, name: &str) -> ServiceError {
        self.unserved(name)
    }

    /// Writes an answer.
    ///
    /// # Errors
    /// Our own failure: nothing that the caller did.
    fn answer(
        &self,
        operation: &str,
        body: &Body,
        request_id: &str,
    ) -> Result<Answer, ServiceError>;

    /// The code by which [`Service::route`] refuses a path that is no operation's, where it has one.
    fn unknown_path(&self) -> Option<&'static str> {
        None
    }

    /// The state that its operations look at.
    fn view(&self) -> View {
        View::Current
    }

    /// What the journal says that a call is about, before its permissions say so.
    fn resource<'i>(&self, _input: &'i Value) -> Option<&'i str> {
        None
    }

    /// Whether all that its permissions are about belongs to the caller's account, whatever its ARN
    /// says: Organizations names all by the management account, and its delegates need no policy of
    /// that account's.
    fn is_within_account(&self) -> bool {
        false
    }

    /// Refuses callers that the service answers nothing.
    ///
    /// # Errors
    /// In the service's words.
    fn admit(&self, _caller: &Caller) -> Result<(), ServiceError> {
        Ok(())
    }

    /// A refusal as the service's model has it.
    fn modelled(&self, refusal: Refusal) -> Refusal {
        refusal
    }

    /// How a refusal is written in the service's own form, where that is another than its protocol's.
    fn refusal_body(&self) -> Option<fn(&Refusal) -> Vec<u8>> {
        None
    }
}

/// One operation of a service.
pub trait Operation: Sync {
    /// Whether it may change the state, and so needs it alone.
    fn changes(&self) -> bool {
        false
    }

    /// The same operation, where its calls are not signed: a token in the input is the proof. It is
    /// run at once, without a caller, permissions and [`Operation::validate`].
    fn unsigned(&self) -> Option<&dyn UnsignedOperation> {
        None
    }

    /// Refuses an input that the model does not allow.
    ///
    /// # Errors
    /// In the service's words.
    fn validate(&self, _caller: &Caller, _input: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    /// All that the caller must be allowed.
    ///
    /// # Errors
    /// Our own failure, where the input cannot be read.
    fn permissions(&self, call: &Call<'_>) -> Result<Vec<Permission>, Refusal>;

    /// Adds the condition keys that the operation brings, for one of its permissions.
    ///
    /// # Errors
    /// As [`Operation::permissions`].
    fn add_keys(
        &self,
        _context: &mut Context,
        _permission: &Permission,
        _call: &Call<'_>,
    ) -> Result<(), Refusal> {
        Ok(())
    }

    /// Answers a call that was authorised.
    ///
    /// # Errors
    /// The service's own refusals.
    fn run(&self, call: &Call<'_>) -> Result<Response, Refusal>;
}

/// An operation whose calls are not signed.
pub trait UnsignedOperation {
    /// Checks the input and its proof, and answers. It records who the requester is.
    ///
    /// # Errors
    /// The service's own refusals.
    fn run_unsigned(&self, call: &sts::Call<'_>) -> Result<Response, Refusal>;
}

/// The state that a service's operations look at, where changes take their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// As it is; only who calls and whether they may can lag behind.
    Current,
    /// As decisions see it: the operations decide themselves, and change nothing.
    Deciding,
}

/// A call that was understood.
#[derive(Debug)]
pub struct Routed {
    /// The operation, in AWS's spelling; it may be one that is not served.
    pub operation: String,
    /// The members of the input, in the model's spelling.
    pub input: Value,
}

/// What an operation works on.
#[derive(Clone, Copy)]
pub struct Call<'s> {
    /// The state, as the service's view has it.
    pub state: &'s State,
    /// The caller's account.
    pub account: &'s Account,
    /// The caller.
    pub caller: &'s Caller,
    /// The call's input.
    pub input: Input<'s>,
    /// When it is decided.
    pub now: OffsetDateTime,
    /// What is known of the call beside.
    pub context: &'s CallContext,
    /// Derives the secrets of new keys.
    pub key: &'s MasterKey,
    /// How much an account may have.
    pub quotas: &'s Quotas,
    /// Where the keys of issuers are looked up.
    pub issuers: &'s (dyn IssuerKeys + Sync),
    /// What was used when.
    pub usage: &'s (dyn UsageSource + 's),
    /// What the operation says for the journal.
    pub record: &'s Record,
}

impl<'s> Call<'s> {
    /// The input as its operation's own type.
    pub(crate) fn read<T: Deserialize<'s>>(&self) -> Result<T, ServiceError> {
        self.input.read()
    }

    /// The region that the call was signed for.
    pub(crate) fn region(&self) -> &'s str {
        &self.caller.region
    }

    /// What was used when.
    pub(crate) fn usage(&self) -> &'s Usage {
        self.usage.get()
    }
}

/// What was used when, locked when an operation first needs it.
pub trait UsageSource {
    /// Locked from here to the end of the operation.
    fn get(&self) -> &Usage;
}

/// The ledger's.
pub struct LazyUsage<'l> {
    ledger: &'l Ledger,
    guard: OnceCell<MutexGuard<'l, Usage>>,
}

impl<'l> LazyUsage<'l> {
    /// Not locked yet.
    pub fn of(ledger: &'l Ledger) -> Self {
        Self { ledger, guard: OnceCell::new() }
    }
}

impl UsageSource for LazyUsage<'_> {
    fn get(&self) -> &Usage {
        self.guard.get_or_init(|| self.ledger.usage())
    }
}

/// What an operation says for the journal, and of a call that cannot be answered yet.
#[derive(Debug, Default)]
pub struct Record {
    /// Why it was decided so, in words for a person, where the operation decides itself.
    pub reason: RefCell<Option<String>>,
    /// Each decision of a policy, in order, where they are kept.
    pub explanations: Option<RefCell<Vec<Explanation>>>,
    /// An issuer whose keys have to be fetched before the call can be decided.
    pub keys_needed: RefCell<Option<KeyRequest>>,
    /// The requester, where the call is not signed.
    pub requester: RefCell<Option<RequesterIdentity>>,
}

impl Record {
    /// Nothing yet; explanations are kept where they are to be shown.
    pub fn new(explained: bool) -> Self {
        Self { explanations: explained.then(RefCell::default), ..Self::default() }
    }
}

/// What is left to do for an answer once the state was looked at and is no longer locked: it is handed
/// the same input again, and what it may cost.
pub type Work = Box<dyn FnOnce(Input<'_>, &Budget) -> Result<Value, ServiceError>>;

/// What is still to be done for an answer.
pub enum Rest {
    /// To make the body, which can take long.
    Work(Work),
    /// To read events back: the journal is not under the state's lock.
    Lookup(Lookup),
}

/// What an operation answers, and what it changes.
pub struct Response {
    /// What is answered.
    pub body: Body,
    /// What is changed, if anything is.
    pub change: Option<Change>,
    /// What is still to be done for the answer, if anything is.
    pub rest: Option<Rest>,
}

/// The members of an answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// A session of STS's. Typed, as nothing else is: there are as many of these as there are
    /// sessions.
    Session(Box<IssuedSession>),
    /// Null where there are none.
    Members(Value),
}

impl Response {
    /// An answer, and no change.
    pub fn of(body: Body) -> Self {
        Self { body, change: None, rest: None }
    }

    /// The members of an answer, and no change.
    pub(crate) fn read_only(members: Value) -> Self {
        Self::of(Body::Members(members))
    }

    /// A change that is answered by nothing but that it was made.
    pub(crate) fn changed(change: impl Into<Change>) -> Self {
        Self::with_change(Value::Null, change)
    }

    /// An answer and a change.
    pub(crate) fn with_change(members: Value, change: impl Into<Change>) -> Self {
        Self { change: Some(change.into()), ..Self::read_only(members) }
    }

    /// An answer that is made once nothing is locked.
    pub fn later(
        work: impl FnOnce(Input<'_>, &Budget) -> Result<Value, ServiceError> + 'static,
    ) -> Self {
        let rest = Some(Rest::Work(Box::new(work)));
        Self { rest, ..Self::read_only(Value::Null) }
    }

    /// An answer that is read from the journal.
    pub(crate) fn lookup(lookup: Lookup) -> Self {
        let rest = Some(Rest::Lookup(lookup));
        Self { rest, ..Self::read_only(Value::Null) }
    }
}

/// A refusal, with the reason that Organizations' exceptions for broken limits and inputs carry.
#[derive(Debug)]
pub struct Refusal {
    /// Code, status and message.
    pub error: ServiceError,
    /// The reason, where the exception carries one.
    pub reason: Option<Cow<'static, str>>,
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self { error, reason: None }
    }
}
