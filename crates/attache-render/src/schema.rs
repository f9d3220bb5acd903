//! The JSON Schema of a federation's file, for editors.

/// Draft 7, which YAML's language server reads. It wants text in quotes where YAML would read a number, and
/// cannot say what takes several keys or a policy's meaning: that the reader says.
pub const FEDERATION_SCHEMA: &str = include_str!("federation.schema.json");
