//! Ctrl-C while accounts are read and changed: the command says where it stopped.

use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;

use crate::interrupt::cancel_on_signal;
use crate::output::{Exit, Format, Output};

/// What a command is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It reads the accounts.
    Reading,
    /// It asks a question.
    Asking,
    /// It changes the accounts: it ends by itself, and says at which step.
    Changing,
}

impl Phase {
    /// What is said of a command that is stopped there.
    fn stopped(self) -> &'static str {
        match self {
            Self::Reading => "stopped while the accounts were read; nothing was changed",
            Self::Asking => "stopped before the question was answered; nothing was changed",
            Self::Changing => "stopped while the accounts were changed",
        }
    }
}

/// The exit code of a command that a signal stopped: 128 + SIGINT, as shells have it.
pub(crate) const STOPPED: Exit = Exit::Command(130);

/// Watches for signals.
#[derive(Debug, Clone)]
pub(crate) struct Interruption {
    phase: Arc<Mutex<Phase>>,
    stop: CancellationToken,
}

impl Interruption {
    /// From now on the first signal ends the command with a sentence, unless it changes accounts.
    pub(crate) fn watch(out: Output) -> miette::Result<Self> {
        let stop = CancellationToken::new();
        let own = Self { phase: Arc::new(Mutex::new(Phase::Reading)), stop: stop.clone() };
        cancel_on_signal(stop)?;
        let watched = own.clone();
        tokio::spawn(async move {
            watched.stop.cancelled().await;
            let phase = watched.phase.lock().map_or(Phase::Changing, |phase| *phase);
            if phase != Phase::Changing {
                let report = miette::miette!("{}", phase.stopped());
                if out.format == Format::Json {
                    drop(out.json(&super::Failure::of(&report)));
                }
                out.error(&report);
                std::process::exit(STOPPED.code().into());
            }
        });
        Ok(own)
    }

    pub(crate) fn enter(&self, phase: Phase) {
        if let Ok(mut current) = self.phase.lock() {
            *current = phase;
        }
    }

    /// Ends when a signal comes.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }
}
