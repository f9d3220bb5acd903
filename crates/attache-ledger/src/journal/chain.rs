//! The hash that ties an event to all before it.

use aws_lc_rs::digest::{Context, SHA256};

/// The hash of an event's row: SHA-256 over the hash before it, its number and its text.
pub(super) type Link = [u8; 32];

/// The hash before the first event.
pub(super) const FIRST: Link = [0; 32];

/// The next link of the chain.
pub(super) fn next(before: &Link, seq: i64, body: &str) -> Link {
    let mut context = Context::new(&SHA256);
    context.update(before);
    context.update(&seq.to_be_bytes());
    context.update(body.as_bytes());
    let mut link = FIRST;
    for (to, from) in link.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    link
}
