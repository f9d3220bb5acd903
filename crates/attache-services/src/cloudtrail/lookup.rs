//! `LookupEvents`: the events that a call selects, and one page of them.

use attache_aws_protocol::ServiceError;
use attache_identifiers::AccountId;
use attache_ledger::Event;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::record;
use crate::pagination;
use crate::validation::{Member, Pattern, Shape, UNLIMITED, optional, required};

/// AWS's: the events of a page.
const MOST: i64 = 50;

const KEY: Shape = Shape::Enum(&[
    "EventId",
    "EventName",
    "ReadOnly",
    "Username",
    "ResourceType",
    "ResourceName",
    "EventSource",
    "AccessKeyId",
]);
const VALUE: Shape = Shape::Text { min: 1, max: 2000, pattern: Pattern::Any };
const ATTRIBUTE: Shape =
    Shape::Structure(&[required("AttributeKey", &KEY), required("AttributeValue", &VALUE)]);
const ATTRIBUTES: Shape = Shape::List { min: 0, max: UNLIMITED, of: &ATTRIBUTE };
const TOKEN: Shape = Shape::Text { min: 0, max: UNLIMITED, pattern: Pattern::Any };

/// The input.
pub(super) const MEMBERS: &[Member] = &[
    optional("LookupAttributes", &ATTRIBUTES),
    optional("EventCategory", &Shape::Enum(&["insight"])),
    optional("NextToken", &TOKEN),
    // Its range has an exception of its own.
    optional("MaxResults", &Shape::Integer { min: i64::MIN, max: i64::MAX }),
    optional("StartTime", &Shape::Number),
    optional("EndTime", &Shape::Number),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LookupEvents<'a> {
    #[serde(default)]
    lookup_attributes: Vec<LookupAttribute>,
    event_category: Option<&'a str>,
    next_token: Option<&'a str>,
    max_results: Option<i64>,
    start_time: Option<f64>,
    end_time: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LookupAttribute {
    attribute_key: String,
    attribute_value: String,
}

/// The events that a call selects.
#[derive(Debug, Clone)]
pub struct Lookup {
    account: AccountId,
    region: String,
    attribute: Option<(String, String)>,
    /// Whether it is for Insights events, of which there are none.
    insight: bool,
    from: Option<OffsetDateTime>,
    to: Option<OffsetDateTime>,
    most: usize,
    /// The sequence number that the events are to be before; none for the newest.
    pub before: Option<i64>,
}

impl Lookup {
    /// Reads an input that met its shape.
    ///
    /// # Errors
    /// The exceptions that AWS names for it.
    pub(super) fn read(
        input: LookupEvents<'_>,
        account: AccountId,
        region: &str,
    ) -> Result<Self, ServiceError> {
        let wrong = |code: &str, message: &str| Err(ServiceError::new(400, code, message));
        let mut attributes = input.lookup_attributes;
        if attributes.len() > 1 {
            let message = "You can specify only one lookup attribute.";
            return wrong("InvalidLookupAttributesException", message);
        }
        let attribute = attributes.pop().map(|of| (of.attribute_key, of.attribute_value));
        let most = input.max_results.unwrap_or(MOST);
        if !(1..=MOST).contains(&most) {
            let message = "The value for MaxResults must be between 1 and 50.";
            return wrong("InvalidMaxResultsException", message);
        }
        let token = input.next_token;
        let before = token.and_then(pagination::read_sequence);
        if token.is_some() && before.is_none() {
            return wrong("InvalidNextTokenException", "The NextToken value is invalid.");
        }
        let (from, to) = (input.start_time.and_then(time), input.end_time.and_then(time));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            let message = "The start time must be before the end time.";
            return wrong("InvalidTimeRangeException", message);
        }
        let most = usize::try_from(most).unwrap_or(1);
        let insight = input.event_category.is_some();
        let region = region.to_owned();
        Ok(Self { account, region, attribute, insight, from, to, most, before })
    }

    fn selects(&self, event: &Event) -> bool {
        let visible =
            record::is_visible_to(event, self.account) && record::region(event) == self.region;
        let ended = self.to.is_some_and(|to| event.at > to);
        let early = self.from.is_some_and(|from| event.at < from);
        let attribute = self.attribute.as_ref();
        let named =
            attribute.is_none_or(|(key, value)| record::has(event, self.account, key, value));
        visible && !early && !ended && named && !event.principal.starts_with("attache")
    }
}

/// One page, while events are looked at.
pub struct Page<'l> {
    lookup: &'l Lookup,
    events: Vec<Value>,
}

impl<'l> Page<'l> {
    /// An empty page.
    pub fn of(lookup: &'l Lookup) -> Self {
        Self { lookup, events: Vec::new() }
    }

    /// Whether no more events need to be looked at.
    pub fn is_full(&self) -> bool {
        self.lookup.insight || self.events.len() >= self.lookup.most
    }

    /// Looks at an event; they come newest first.
    pub fn take(&mut self, event: &Event) {
        if self.lookup.selects(event) {
            self.events.push(record::shown(event, self.lookup.account));
        }
    }

    /// The page, and the token of the next one where there may be events before a number.
    pub fn into_answer(self, more: Option<i64>) -> Value {
        let next = more.filter(|seq| *seq > 1).map(pagination::write_sequence);
        match self.lookup.insight {
            true => json!({"Events": []}),
            false => json!({"Events": self.events, "NextToken": next}),
        }
    }
}

/// Seconds since 1970, with a fraction or not, as JSON clients send them; none out of range.
fn time(seconds: f64) -> Option<OffsetDateTime> {
    #[expect(clippy::cast_possible_truncation, reason = "a time out of range is none")]
    OffsetDateTime::from_unix_timestamp_nanos((seconds * 1e9) as i128).ok()
}
