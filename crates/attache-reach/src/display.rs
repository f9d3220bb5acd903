//! Paths, statements and terms as a person reads them.

use std::fmt;

use crate::assume_check::{SupportingStatement, Terms};
use crate::paths::Path;

impl fmt::Display for Path {
    /// `payments/api (https://oidc…) -> arn:…:role/a -> arn:…:role/b`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.from)?;
        for step in &self.steps {
            write!(f, " -> {}", step.to)?;
        }
        Ok(())
    }
}

impl fmt::Display for SupportingStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sid {
            Some(sid) => write!(f, "{}, statement {sid}, line {}", self.policy, self.line),
            None => write!(f, "{}, statement {}, line {}", self.policy, self.statement, self.line),
        }
    }
}

impl fmt::Display for Terms {
    /// What the caller has to choose, and on what it depends; nothing where on neither.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needs: Vec<String> =
            self.needs.iter().map(|input| format!("{} = {}", input.key, input.value)).collect();
        if !needs.is_empty() {
            write!(f, "with {}", needs.join(", "))?;
        }
        if !self.conditional.is_empty() {
            let between = if needs.is_empty() { "" } else { ", " };
            write!(f, "{between}if {} allows", self.conditional.join(", "))?;
        }
        Ok(())
    }
}
