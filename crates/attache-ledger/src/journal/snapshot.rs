//! Snapshots: the state after an event, so that a start need not replay from the first one.
//!
//! A snapshot is stored beside the events, names its event by number and hash, and carries a tag under
//! the master key: one that was edited, or that belongs to another journal, is not used. It is a
//! copy and never the source: without it the events are replayed from the first.

use sqlx::Row;

use super::chain::Link;
use super::{Opened, open};
use crate::LedgerError;
use crate::master_key::MasterKey;

/// The format of the text. The number changes when the state is written in another way.
const FORM: &str = concat!("1 ", env!("CARGO_PKG_VERSION"));

/// A state as it was after an event.
#[derive(Debug)]
pub(crate) struct StoredSnapshot {
    pub(super) seq: i64,
    pub(super) link: Link,
    /// The state as text.
    pub text: String,
}

/// A state to store, as it was after an event.
pub(super) struct NewSnapshot {
    pub(super) seq: i64,
    pub(super) link: Link,
    pub(super) text: String,
    pub(super) key: MasterKey,
}

impl Opened {
    /// The newest snapshot, if there is one that can be trusted.
    pub(super) async fn snapshot(
        &mut self,
        key: &MasterKey,
    ) -> Result<Option<StoredSnapshot>, LedgerError> {
        let row = sqlx::query(
            "SELECT s.seq, s.text, s.tag, e.hash FROM snapshots s JOIN events e ON e.seq = s.seq
             WHERE s.form = ? ORDER BY s.seq DESC LIMIT 1",
        )
        .bind(FORM)
        .fetch_optional(&mut self.connection)
        .await
        .map_err(|source| open::failed(&self.path, "read", source))?;
        let Some(row) = row else { return Ok(None) };
        let read = (row.try_get(0), row.try_get(1), row.try_get(2), row.try_get(3));
        let (Ok(seq), Ok(text), Ok(tag), Ok(hash)) = read else { return Ok(None) };
        let (seq, text, tag, hash): (i64, String, Vec<u8>, Vec<u8>) = (seq, text, tag, hash);
        // The row has a copy of the text, which may be large.
        drop(row);
        let Ok(link) = Link::try_from(hash.as_slice()) else { return Ok(None) };
        if self::tag(key, seq, &link, &text) != tag {
            tracing::warn!(seq, "a snapshot is not as it was written; all events are replayed");
            return Ok(None);
        }
        Ok(Some(StoredSnapshot { seq, link, text }))
    }

    /// Stores a snapshot in place of the earlier ones.
    pub(super) async fn store_snapshot(&mut self, taken: NewSnapshot) -> Result<(), sqlx::Error> {
        let NewSnapshot { seq, link, text, key } = taken;
        let tag = tag(&key, seq, &link, &text);
        sqlx::query("INSERT OR REPLACE INTO snapshots (seq, form, text, tag) VALUES (?, ?, ?, ?)")
            .bind(seq)
            .bind(FORM)
            .bind(text)
            .bind(tag)
            .execute(&mut self.connection)
            .await?;
        sqlx::query("DELETE FROM snapshots WHERE seq <> ?")
            .bind(seq)
            .execute(&mut self.connection)
            .await?;
        self.snapshot_at = seq;
        Ok(())
    }
}

/// The tag of a snapshot.
fn tag(key: &MasterKey, seq: i64, link: &Link, text: &str) -> Vec<u8> {
    key.tag(&[&seq.to_be_bytes(), link, FORM.as_bytes(), text.as_bytes()])
}
