//! `GET /metrics`, in Prometheus' text format.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::fmt::Write;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;
use crate::{Mediator, MediatorError, Outcome};

pub(super) async fn metrics(State(mediator): State<Mediator>) -> Result<Response, Refusal> {
    let text = text(&mediator).await?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

async fn text(mediator: &Mediator) -> Result<String, MediatorError> {
    let mut out = Exposition::default();
    let inventory = &mediator.shared.inventory;
    out.family("attache_resources", "gauge", "Resources in the inventory.");
    for counted in inventory.counts().await? {
        let labels = [
            ("account", counted.account.as_str()),
            ("region", &counted.region),
            ("type", &counted.kind),
        ];
        out.sample(&labels, counted.count);
    }
    scrapes(&mut out, &inventory.coverage().await?);
    sessions(&mut out, mediator);
    Ok(out.text)
}

fn scrapes(out: &mut Exposition, coverage: &[crate::Coverage]) {
    let labels = |line: &crate::Coverage| {
        [
            ("account", line.account.clone()),
            ("region", line.region.clone()),
            ("type", line.kind.clone()),
        ]
    };
    out.family("attache_scrape_status", "gauge", "1 for how the last scrape ended, else 0.");
    for line in coverage {
        for outcome in Outcome::ALL {
            let mut labels = labels(line).to_vec();
            labels.push(("status", outcome.name().to_owned()));
            out.sample(&labels, u8::from(line.status == outcome));
        }
    }
    out.family("attache_scrape_duration_seconds", "gauge", "How long the last scrape took.");
    for line in coverage {
        out.sample(&labels(line), std::time::Duration::from_millis(line.duration_ms).as_secs_f64());
    }
    out.family("attache_scrape_calls", "gauge", "Calls that the last scrape took.");
    for line in coverage {
        out.sample(&labels(line), line.calls);
    }
    let help = "When a scrape was last complete.";
    out.family("attache_scrape_last_complete_timestamp_seconds", "gauge", help);
    for line in coverage {
        if let Some(time) = line.last_ok {
            out.sample(&labels(line), time.unix_timestamp());
        }
    }
}

fn sessions(out: &mut Exposition, mediator: &Mediator) {
    let accounts: Vec<_> = mediator.shared.accounts.iter().map(|a| (a, a.state())).collect();
    let labels = |account: &crate::account::Account| {
        [("account", account.id().to_string()), ("secret", account.target.secret.clone())]
    };
    let now = mediator.shared.clock.now();
    let help = "Seconds until the account's session ends; negative once it has.";
    out.family("attache_session_expiry_seconds", "gauge", help);
    for (account, state) in &accounts {
        if let Some(session) = &state.session {
            out.sample(&labels(account), (session.expires_at - now).whole_seconds());
        }
    }
    out.family("attache_session_renewals_total", "counter", "Sessions that were assumed.");
    for (account, state) in &accounts {
        out.sample(&labels(account), state.renewals);
    }
    out.family("attache_session_failures_total", "counter", "Sessions that were refused.");
    for (account, state) in &accounts {
        out.sample(&labels(account), state.failures);
    }
    let help = "1 where the values claim another account than the session's.";
    out.family("attache_account_mismatch", "gauge", help);
    for (account, _) in &accounts {
        out.sample(&labels(account), u8::from(account.mismatch().is_some()));
    }
}

/// Text in the exposition format.
#[derive(Debug, Default)]
struct Exposition {
    text: String,
    name: &'static str,
}

impl Exposition {
    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.name = name;
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, labels: &[(&str, impl AsRef<str>)], value: impl std::fmt::Display) {
        let pairs: Vec<String> = labels
            .iter()
            .map(|(name, text)| format!("{name}=\"{}\"", escaped(text.as_ref())))
            .collect();
        let _ = writeln!(self.text, "{}{{{}}} {value}", self.name, pairs.join(","));
    }
}

fn escaped(text: &str) -> String {
    attache_identifiers::printable(text)
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
