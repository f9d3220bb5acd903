//! The input of a call.

use attache_aws_protocol::ServiceError;
use serde::Deserialize;
use serde_json::Value;

use super::{Member, typed};
use crate::refusal::failure;

/// An input as the protocol has it. Once it met its shape, each operation reads its own type from it.
#[derive(Debug, Clone, Copy)]
pub struct Input<'v>(pub &'v Value);

/// The members of an input that are looked through one by one. Ours: so few are found sooner so than
/// by hashing their names.
const FEW: usize = 8;

/// A member of an input that was not checked yet, by its name.
pub(crate) fn member<'v>(input: &'v Value, name: &str) -> Option<&'v Value> {
    let members = input.as_object()?;
    if members.len() > FEW {
        return members.get(name);
    }
    members.iter().find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// About how many bytes a value takes.
pub fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(size).sum::<usize>() + items.len(),
        Value::Object(members) => members.iter().map(|(name, v)| name.len() + size(v)).sum(),
        _ => 5,
    }
}

impl<'v> Input<'v> {
    /// Reads the input of an operation, or what several operations have in common, as its own type.
    ///
    /// # Errors
    /// Our own failure: an input that met its operation's shape can be read.
    pub(crate) fn read<T: Deserialize<'v>>(self) -> Result<T, ServiceError> {
        typed::read(self.0).map_err(|error| unread(&error))
    }

    /// The same of the members that an operation declares, for a type that is several operations': what
    /// others there are was not checked.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub(crate) fn read_declared<T: Deserialize<'v>>(
        self,
        declared: &[Member],
    ) -> Result<T, ServiceError> {
        typed::read_declared(self.0, declared).map_err(|error| unread(&error))
    }
}

fn unread(error: &serde::de::value::Error) -> ServiceError {
    tracing::error!(%error, "an input that met its shape could not be read");
    failure()
}
