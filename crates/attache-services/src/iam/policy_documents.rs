//! Policy documents on their way in and out.

use attache_aws_protocol::ServiceError;
use attache_ledger::state::{Document, State};
use attache_policy::limits::counted_size;
use attache_policy::{IamDocument, Kind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::refusal::{limit_exceeded, malformed_policy};

/// What IAM leaves as it is when it writes a document: RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Reads a document that a caller sends.
pub(super) fn read(text: &str, written_as: IamDocument) -> Result<Document, ServiceError> {
    Document::accept(text, written_as, "the document")
        .map_err(|invalid| malformed_policy(invalid.aws_message()))
}

/// Reads a role's trust policy: the principals that it names must exist, where that is known.
pub(super) fn read_trust(text: &str, state: &State) -> Result<Document, ServiceError> {
    let trust = read(text, IamDocument::TrustPolicy)?;
    let unknown = trust.principals().into_iter().find(|arn| !state.can_be_trusted(arn));
    // IAM puts these ids in place of a deleted role or user; a caller may not.
    match unknown.or_else(|| trust.principal_ids().into_iter().next()) {
        Some(name) => {
            Err(malformed_policy(format!("Invalid principal in policy: \"AWS\":\"{name}\"")))
        }
        None => Ok(trust),
    }
}

/// A document as IAM answers it: percent-encoded.
pub(super) fn shown(document: &Document) -> String {
    encoded(document.text())
}

/// The same of a document's text.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The characters that count against a quota: all but white space.
pub(super) fn size(text: &str) -> usize {
    counted_size(text, Kind::Identity)
}

/// Refuses a document over its quota.
pub(super) fn within(text: &str, quota: &str, limit: usize) -> Result<(), ServiceError> {
    if size(text) > limit { Err(limit_exceeded(quota, limit)) } else { Ok(()) }
}
