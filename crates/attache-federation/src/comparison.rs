//! Whether one policy allows something that another does not, in bounded time.

use std::time::Duration;

use attache_policy::{Policy, Witness};

/// Ours: what is not decided in so long is not known. The engine's own bound is in guesses, and
/// documents of AWS's largest size can take minutes with them.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ours: the engine goes as deep as there are statements in its way.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// What the second of two policies allows beyond the first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Gain {
    /// Nothing.
    Nothing,
    /// For example this.
    Something(Box<Witness>),
    /// It is not known, for this reason.
    Unknown(String),
}

/// Compares, on a thread of its own: one that takes longer goes on until its guesses are spent, and
/// nobody waits for it.
pub(crate) async fn gain(before: Policy, after: Policy) -> Gain {
    let (tell, told) = tokio::sync::oneshot::channel();
    let compare = move || drop(tell.send(attache_policy::first_gain(&before, &after)));
    let thread = std::thread::Builder::new().name("policy comparison".to_owned());
    if let Err(error) = thread.stack_size(STACK_BYTES).spawn(compare) {
        return Gain::Unknown(format!("no thread could be started: {error}"));
    }
    match tokio::time::timeout(PATIENCE, told).await {
        Ok(Ok((Some(found), _))) => Gain::Something(Box::new(found.witness)),
        Ok(Ok((None, true))) => Gain::Nothing,
        Ok(Ok((None, false))) => Gain::Unknown("not everything could be compared".to_owned()),
        Ok(Err(_)) => Gain::Unknown("the comparison ended early".to_owned()),
        Err(_) => Gain::Unknown(format!("not decided within {} s", PATIENCE.as_secs())),
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
