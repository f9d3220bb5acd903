//! Whether one policy allows something that another does not, in bounded time.

use std::sync::Arc;
use std::time::Duration;

use attache_policy::{Invalid, Policy, Witness};

use crate::permissions::UnknownPolicy;

/// Ours: a comparison that takes longer is not known. The engine's own bound is in guesses, and
/// documents of AWS's largest size can take minutes with them.
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// Ours: the engine goes as deep as there are statements in its way.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// What the second of two policies allows beyond the first.
#[derive(Debug, Clone)]
pub(crate) enum Gain {
    /// Nothing.
    Nothing,
    /// For example this.
    Something(Box<Witness>),
    /// It is not known, for this reason.
    Unknown(Undecided),
}

/// Why it is not known whether one policy allows more than another.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Undecided {
    /// The operating system gave no thread.
    #[error("no thread could be started: {0}")]
    NoThread(#[source] Arc<std::io::Error>),
    /// The engine's bound on guesses was reached.
    #[error("not everything could be compared")]
    Incomplete,
    /// The thread ended without an answer.
    #[error("the comparison ended early")]
    Ended,
    /// The time was over.
    #[error("not decided within {} s", TIME_LIMIT.as_secs())]
    TimedOut,
    /// One of the policies is not known.
    #[error(transparent)]
    UnknownPolicy(#[from] UnknownPolicy),
    /// The statements of several policies do not make one.
    #[error("they make no policy: {0}")]
    NoPolicy(#[source] Arc<Invalid>),
    /// A trust policy is not one. `which` is the one `that is there` or the one `that is to be`.
    #[error("the trust policy that {which} cannot be read")]
    TrustPolicy {
        /// `is there` or `is to be`.
        which: &'static str,
        /// What is wrong with it.
        source: Arc<Invalid>,
    },
}

/// Compares, on a thread of its own: one that takes longer goes on until its guesses are spent, and
/// is not waited for.
pub(crate) async fn gain(before: Policy, after: Policy) -> Gain {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let compare = move || drop(sender.send(attache_policy::first_gain(&before, &after)));
    let thread = std::thread::Builder::new().name("policy comparison".to_owned());
    if let Err(error) = thread.stack_size(STACK_BYTES).spawn(compare) {
        return Gain::Unknown(Undecided::NoThread(Arc::new(error)));
    }
    match tokio::time::timeout(TIME_LIMIT, receiver).await {
        Ok(Ok((Some(found), _))) => Gain::Something(Box::new(found.witness)),
        Ok(Ok((None, true))) => Gain::Nothing,
        Ok(Ok((None, false))) => Gain::Unknown(Undecided::Incomplete),
        Ok(Err(_)) => Gain::Unknown(Undecided::Ended),
        Err(_) => Gain::Unknown(Undecided::TimedOut),
    }
}

/// The first of several that is not [`Gain::Nothing`]; something known before something unknown.
pub(crate) fn worst(gains: impl IntoIterator<Item = Gain>) -> Gain {
    let mut worst = Gain::Nothing;
    for gain in gains {
        match (&worst, &gain) {
            (_, Gain::Something(_)) => return gain,
            (Gain::Nothing, _) => worst = gain,
            _ => {}
        }
    }
    worst
}
