//! The workload's token, issued by the cluster for this run.

use attache_api_server::ApiError;
use attache_federation::{Check, Link, LinkStatus, TokenFile, UnreadToken};
use attache_kubernetes::{SHORTEST_LIFETIME, TokenRequest};
use miette::IntoDiagnostic as _;
use time::Duration;

use super::Probe;

const ISSUED: (Link, &str) = (Link::Token, "issued");

/// No token is asked for: there is no service account.
pub(super) fn none(probe: Probe<'_>, checks: &mut Vec<Check>) -> TokenFile {
    let detail = "not checked, because there is no service account";
    checks.push(Check::new(ISSUED.0, ISSUED.1, LinkStatus::Unknown, detail));
    not_issued(probe)
}

/// Asks for a token of the file's audience. It lives for as short as Kubernetes allows, and is in no file.
pub(super) async fn issue(
    probe: Probe<'_>,
    patience: Duration,
    checks: &mut Vec<Check>,
) -> miette::Result<TokenFile> {
    let audience = probe.audience;
    let lifetime = SHORTEST_LIFETIME.saturating_add(patience);
    let request = TokenRequest::new(probe.account.clone()).audience(audience);
    let request = request.lifetime(lifetime).into_diagnostic()?;
    match probe.server.token(&request).await {
        Ok(token) => {
            let detail = format!("by TokenRequest, for {audience}");
            checks.push(Check::new(ISSUED.0, ISSUED.1, LinkStatus::Ok, detail));
            Ok(TokenFile { path: shown(probe), text: Ok(token) })
        }
        Err(ApiError::NotFound { message, .. }) => {
            let detail = format!("there is no service account {}: {message}", probe.account);
            checks.push(Check::new(ISSUED.0, ISSUED.1, LinkStatus::Fail, detail));
            Ok(not_issued(probe))
        }
        Err(error) => {
            checks.push(probe.unanswered(ISSUED, &error)?);
            Ok(not_issued(probe))
        }
    }
}

/// In the place of a token.
pub(super) fn not_issued(probe: Probe<'_>) -> TokenFile {
    TokenFile { path: shown(probe), text: Err(UnreadToken::NotIssued) }
}

fn shown(probe: Probe<'_>) -> String {
    format!("a token of {} from {}", probe.account, probe.server.url())
}
