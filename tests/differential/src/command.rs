//! The same question, asked of the built command: files and flags in, JSON out.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::case::{Caller, Case};
use crate::client::Failure;
use crate::documents::{full_access, full_resource_access};
use crate::site::{HOME, MANAGEMENT};

/// The `attache` of the profile that this test was built with. `cargo test --workspace` builds it.
///
/// # Errors
/// When it was not built.
pub fn built_command() -> Result<PathBuf, Failure> {
    let test = std::env::current_exe()?;
    let command = test.ancestors().nth(2).map(|profile| profile.join("attache"));
    command
        .filter(|path| path.is_file())
        .ok_or_else(|| "the command is not built; run: cargo build -p attache".to_owned().into())
}

impl Case<'_> {
    /// The decision and the outcome as `attache explain --output json` prints them, its documents
    /// being written to `folder`.
    ///
    /// # Errors
    /// When a file cannot be written, or when the command prints no decision.
    pub fn explain_command(
        &self,
        command: &Path,
        folder: &Path,
    ) -> Result<(Value, Value), Failure> {
        let file = |name: &str, document: &Value| -> Result<String, Failure> {
            let path = folder.join(name);
            std::fs::write(&path, document.to_string())?;
            Ok(path.display().to_string())
        };
        let mut arguments: Vec<String> = ["explain", "--output", "json"].map(str::to_owned).into();
        let mut flag = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
        if let Some(identity) = self.identity() {
            flag("--policy", file("identity.json", identity)?);
        }
        if let Some(trust) = self.trust() {
            flag("--trust", file("trust.json", trust)?);
        }
        let (boundary, session) = self.limits();
        if let Some(boundary) = boundary {
            flag("--boundary", file("boundary.json", boundary)?);
        }
        if let Some(session) = session {
            flag("--session-policy", file("session.json", session)?);
        }
        if self.caller != Caller::Pods {
            flag("--scp", file("scp-root.json", &full_access())?);
            flag("--scp", file("scp.json", &self.documents.service_control)?);
        }
        let full = file("rcp-full.json", &full_resource_access())?;
        flag("--rcp", format!("{full},{}", file("rcp.json", &self.documents.resource_control)?));
        flag("--management-account", MANAGEMENT.to_owned());
        flag("--principal", self.principal());
        if matches!(self.caller, Caller::Session(_)) {
            flag("--role-arn", format!("arn:aws:iam::{HOME}:role/Caller"));
        }
        flag("--action", self.action().to_owned());
        flag("--resource", self.resource());
        for (key, value) in self.given() {
            flag("--context", format!("{key}={value}"));
        }
        if matches!(self.caller, Caller::Session(_)) {
            arguments.push("--disable-session-tags".to_owned());
        }
        let done = Command::new(command).args(&arguments).output()?;
        let mut report: Value = serde_json::from_slice(&done.stdout)
            .map_err(|_| format!("{arguments:?}: {}", String::from_utf8_lossy(&done.stderr)))?;
        Ok((report["decision"].take(), report["outcome"].take()))
    }
}
