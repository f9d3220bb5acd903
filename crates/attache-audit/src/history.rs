//! What several lookups found, each record once.

use std::collections::BTreeSet;

use crate::AuditError;
use crate::lookup::Found;
use crate::record::Record;

/// Records, and what they do not have.
///
/// A record's time is in whole seconds, so the order of those of one second is only in CloudTrail's
/// answers: newest first. It is kept.
#[derive(Clone, Default)]
pub(crate) struct History {
    records: Vec<Record>,
    ids: BTreeSet<String>,
    pub(crate) not_read: Vec<String>,
}

impl History {
    pub(crate) fn add(&mut self, found: Result<Found, AuditError>) {
        match found {
            Ok(found) => {
                found.records.into_iter().for_each(|record| self.record(record));
                self.not_read.extend(found.not_read);
            }
            Err(error) => self.not_read.push(error.to_string()),
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        other.records.into_iter().for_each(|record| self.record(record));
        self.not_read.extend(other.not_read);
    }

    fn record(&mut self, record: Record) {
        if self.ids.insert(record.id.clone()) {
            self.records.push(record);
        }
    }

    pub(crate) fn retain(&mut self, wanted: impl Fn(&Record) -> bool) {
        self.records.retain(wanted);
    }

    /// Newest first.
    pub(crate) fn newest_first(&self) -> Vec<&Record> {
        let mut records: Vec<&Record> = self.records.iter().collect();
        records.sort_by_key(|record| std::cmp::Reverse(record.at));
        records
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(records: &[(&str, &str)]) -> Found {
        let read = |(id, at): &(&str, &str)| {
            let record = json!({
                "eventID": id, "eventTime": format!("2026-11-27T18:00:{at}Z"),
                "eventSource": "iam.amazonaws.com", "eventName": "TagRole",
            });
            Record::read(&record.to_string()).unwrap()
        };
        Found { records: records.iter().map(read).collect(), not_read: Vec::new() }
    }

    #[test]
    fn records_of_one_second_keep_the_order_of_the_answer() {
        let mut history = History::default();
        history.add(Ok(found(&[("z", "09"), ("a", "09"), ("m", "09"), ("b", "01")])));
        history.add(Ok(found(&[("new", "30"), ("a", "09")])));
        let ids: Vec<&str> = history.newest_first().iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["new", "z", "a", "m", "b"]);
    }
}
