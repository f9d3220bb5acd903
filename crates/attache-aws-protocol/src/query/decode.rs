//! From a form to a structure.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use super::position::{Positions, missing_items, read_position};
use crate::WireError;
use crate::call::Inbound;

/// The most bytes of form that are read. Ours: AWS's own largest inputs here are policies of some
/// kilobytes, and EC2's user data of 16 KiB.
pub const MAX_FORM_BYTES: usize = 1024 * 1024;

/// The most parameters in one form. Ours: EC2 takes 200 filter values a call at most, IAM 50 tags.
pub const MAX_PARAMETERS: usize = 10_000;

/// The most parts in one parameter's name. Ours: EC2's deepest inputs have about ten.
pub const MAX_DEPTH: usize = 32;

/// The most lists and structures in one form. Ours: as many parameters as there can be, each in a
/// structure of its own, have two each.
const MAX_STRUCTURES: usize = 2 * MAX_PARAMETERS;

/// The most digits of a list index. Ours: ten digits cannot be a place in any list.
const MAX_INDEX_DIGITS: usize = 9;

/// Ours: the parameters of most calls that have no list.
const USUAL: usize = 8;

/// Reads a form: `Filter.1.Name=x` becomes `{"Filter": [{"Name": "x"}]}`.
///
/// The `member` of awsQuery lists and the `entry` of its maps disappear: `A.member.1.B=x` becomes
/// `{"A": [{"B": "x"}]}`. Lists keep the order of their indices, and gaps close. All values stay
/// text. `Action` and `Version` are members like others.
///
/// ```
/// # use serde_json::json;
/// let form = attache_aws_protocol::query::decode("Action=TagRole&Tags.member.1.Key=team&Tags.member.1.Value=a%20b")?;
/// assert_eq!(form, json!({"Action": "TagRole", "Tags": [{"Key": "team", "Value": "a b"}]}));
/// # Ok::<(), attache_aws_protocol::WireError>(())
/// ```
///
/// # Errors
/// When the form exceeds a limit, is not UTF-8 once decoded, gives a parameter twice, or gives one
/// name two shapes.
pub fn decode(form: &str) -> Result<Value, WireError> {
    decode_with(form, &[], Positions::Loose)
}

/// As [`decode`], where lists also have these item names: RDS writes `Filters.Filter.1.Name`, so
/// `["Filter", "Value"]` gives `{"Filters": [{"Name": ..}]}`. Positions are read as the service reads
/// them.
///
/// # Errors
/// As [`decode`], and [`WireError::Position`].
pub fn decode_with(
    form: &str,
    item_names: &[&str],
    positions: Positions,
) -> Result<Value, WireError> {
    check_size(form.len())?;
    let mut members = Map::with_capacity(USUAL);
    fill(&mut members, form, &mut Counts::default())?;
    Lists { item_names, positions }.settle_members(members).map(Value::Object)
}

/// The input of a whole request to a service of awsQuery: its query string's parameters and its body's.
/// Those of a presigned URL (`X-Amz-...`) are the signature's and left out. The positions of lists are
/// read strictly.
///
/// # Errors
/// As [`decode`], and [`WireError::Position`].
pub fn input(inbound: &Inbound) -> Result<Value, WireError> {
    input_with(inbound, &[], Positions::Strict)
}

/// As [`input`], with item names as for [`decode_with`], and positions as the service reads them.
///
/// # Errors
/// As [`input`].
pub fn input_with(
    inbound: &Inbound,
    item_names: &[&str],
    positions: Positions,
) -> Result<Value, WireError> {
    check_size(inbound.query.len().saturating_add(inbound.body.len()))?;
    let body = std::str::from_utf8(&inbound.body)
        .map_err(|_| WireError::NotUtf8 { what: "the form".to_owned() })?;
    let mut members = Map::with_capacity(USUAL);
    let mut counts = Counts::default();
    fill(&mut members, &inbound.query, &mut counts)?;
    members.retain(|name, _| !name.starts_with("X-Amz-"));
    fill(&mut members, body, &mut counts)?;
    Lists { item_names, positions }.settle_members(members).map(Value::Object)
}

fn check_size(got: usize) -> Result<(), WireError> {
    if got > MAX_FORM_BYTES {
        return Err(WireError::TooLarge { what: "the form", limit: MAX_FORM_BYTES, got });
    }
    Ok(())
}

/// Adds a form's parameters to a tree of objects, in which a list is still an object whose members
/// are its indices: a list is only as long as what was sent, whatever index was written.
fn fill(
    members: &mut Map<String, Value>,
    form: &str,
    counts: &mut Counts,
) -> Result<(), WireError> {
    let mut rest = form;
    while !rest.is_empty() {
        let end = memchr::memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        let (pair, more) = rest.split_at(end);
        rest = more.strip_prefix('&').unwrap_or_default();
        if pair.is_empty() {
            continue;
        }
        counts.parameters += 1;
        if counts.parameters > MAX_PARAMETERS {
            return Err(WireError::TooMany { what: "the form", limit: MAX_PARAMETERS });
        }
        let equals = memchr::memchr(b'=', pair.as_bytes());
        let (name, value) = pair.split_at(equals.unwrap_or(pair.len()));
        let value = value.strip_prefix('=').unwrap_or_default();
        let name = unescape(name, || "a parameter's name".to_owned())?;
        let value = unescape(value, || format!("the parameter {name}"))?;
        insert(members, name, value.into_owned(), &mut counts.structures)?;
        if counts.structures > MAX_STRUCTURES {
            return Err(WireError::TooMany { what: "the form", limit: MAX_STRUCTURES });
        }
    }
    Ok(())
}

/// What a form has so far.
#[derive(Debug, Default)]
struct Counts {
    parameters: usize,
    structures: usize,
}

/// Undoes a form's escaping, `+` for a space included.
fn unescape(text: &str, what: impl Fn() -> String) -> Result<Cow<'_, str>, WireError> {
    // Most texts have nothing to undo, and tokens are long.
    if memchr::memchr2(b'%', b'+', text.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let spaced = match text.contains('+') {
        true => Cow::Owned(text.replace('+', " ")),
        false => Cow::Borrowed(text),
    };
    match String::from_utf8(percent_decode(spaced.as_bytes()).collect()) {
        Ok(decoded) => Ok(Cow::Owned(decoded)),
        Err(_) => Err(WireError::NotUtf8 { what: what() }),
    }
}

/// Puts a value at a dotted name.
fn insert(
    members: &mut Map<String, Value>,
    name: Cow<'_, str>,
    value: String,
    structures: &mut usize,
) -> Result<(), WireError> {
    let mut here = members;
    let mut parts = name.split('.');
    let last = parts.next_back().unwrap_or_default();
    for (depth, part) in parts.enumerate() {
        if part.is_empty() {
            return Err(WireError::EmptyName { name: name.into_owned() });
        }
        if depth + 1 >= MAX_DEPTH {
            return Err(WireError::TooDeep { what: "the form", limit: MAX_DEPTH });
        }
        let new = || {
            *structures += 1;
            Value::Object(Map::new())
        };
        here = match here.entry(part).or_insert_with(new) {
            Value::Object(inner) => inner,
            _ => return Err(WireError::Contradiction { name: name.into_owned() }),
        };
    }
    if last.is_empty() {
        return Err(WireError::EmptyName { name: name.into_owned() });
    }
    match here.insert(last.to_owned(), Value::String(value)) {
        None => Ok(()),
        Some(Value::Object(_)) => Err(WireError::Contradiction { name: name.into_owned() }),
        Some(_) => Err(WireError::Duplicate { name: name.into_owned() }),
    }
}

/// How lists are recognised and read.
#[derive(Debug, Clone, Copy)]
struct Lists<'n> {
    /// Names of items beside `member` and `entry`.
    item_names: &'n [&'n str],
    positions: Positions,
}

impl Lists<'_> {
    /// Turns objects of indices into lists, and takes the lists' item names away. What stands below an
    /// item's name is a list whatever its members are called.
    fn settle(self, value: Value, named: bool) -> Result<Value, WireError> {
        let Value::Object(members) = value else { return Ok(value) };
        let alone = members.len() == 1;
        let strict = self.positions == Positions::Strict;
        if (named && strict) || members.keys().any(|name| index(name).is_some()) {
            let items = if strict { self.strict(members) } else { self.loose(members) };
            return items.map(Value::Array);
        }
        let mut members = self.settle_members(members)?;
        let wrapped =
            members.iter_mut().find(|(name, items)| items.is_array() && self.is_item_name(name));
        match wrapped {
            Some((_, items)) if alone => Ok(items.take()),
            _ => Ok(Value::Object(members)),
        }
    }

    fn is_item_name(self, name: &str) -> bool {
        matches!(name, "member" | "entry") || self.item_names.contains(&name)
    }

    fn settle_members(
        self,
        mut members: Map<String, Value>,
    ) -> Result<Map<String, Value>, WireError> {
        for (name, value) in members.iter_mut().filter(|(_, value)| value.is_object()) {
            *value = self.settle(value.take(), self.is_item_name(name))?;
        }
        Ok(members)
    }

    /// The items in the order of their positions, where gaps close.
    fn loose(self, members: Map<String, Value>) -> Result<Vec<Value>, WireError> {
        let items = self.items(members, |name| {
            index(name).ok_or_else(|| WireError::Contradiction { name: name.to_owned() })
        })?;
        Ok(items.into_iter().map(|(_, value)| value).collect())
    }

    /// The items at their positions, with null in each gap.
    fn strict(self, members: Map<String, Value>) -> Result<Vec<Value>, WireError> {
        let items = self.items(members, |name| Ok(read_position(name)?))?;
        let mut all = Vec::with_capacity(items.len());
        let mut before = 0;
        for (position, value) in items {
            let missing = missing_items(before, position)?;
            all.extend((0..missing).map(|_| Value::Null));
            all.push(value);
            before = position;
        }
        Ok(all)
    }

    /// The items with their positions, in order.
    fn items(
        self,
        members: Map<String, Value>,
        position: impl Fn(&str) -> Result<u32, WireError>,
    ) -> Result<Vec<(u32, Value)>, WireError> {
        let mut items = Vec::with_capacity(members.len());
        for (name, value) in members {
            items.push((position(&name)?, self.settle(value, false)?));
        }
        items.sort_by_key(|(position, _)| *position);
        for pair in items.windows(2) {
            if let [(one, _), (other, _)] = pair
                && one == other
            {
                return Err(WireError::Duplicate { name: one.to_string() });
            }
        }
        Ok(items)
    }
}

/// The index in a list that a part of a name is.
fn index(part: &str) -> Option<u32> {
    let short = part.len() <= MAX_INDEX_DIGITS;
    if short && part.bytes().all(|b| b.is_ascii_digit()) { part.parse().ok() } else { None }
}
