//! What is wrong with a snapshot or a rules file.

/// A snapshot that cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {of}: {why}")]
pub struct SnapshotError {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The account and the role, user or policy: `222222222222, role Reader, trust policy`.
    pub of: String,
    /// What is wrong.
    pub why: String,
}

/// A rules file that cannot be read, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {why}")]
pub struct RulesError {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// What is wrong, with its line.
    pub why: String,
}
