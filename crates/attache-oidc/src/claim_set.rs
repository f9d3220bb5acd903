//! The members of a JSON object, in the order in which they stand.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

/// A token's claims as they stand. There are about ten, which are found sooner by looking at each
/// than by hashing their names; of two with one name the last counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClaimSet(Vec<(String, Value)>);

impl ClaimSet {
    fn put(&mut self, name: String, value: Value) {
        match self.0.iter_mut().find(|(own, _)| *own == name) {
            Some((_, place)) => *place = value,
            None => self.0.push((name, value)),
        }
    }

    /// The value of the member with that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// All of them, each name once.
    #[must_use]
    pub fn as_slice(&self) -> &[(String, Value)] {
        &self.0
    }

    /// The same as an object.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        self.0.iter().cloned().collect()
    }
}

impl<'de> Deserialize<'de> for ClaimSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

/// Ours: what a kubelet's token has, and some more.
const USUAL: usize = 12;

/// Ours: of more members, each is not compared with each.
const FEW: usize = 64;

impl<'de> Visitor<'de> for Object {
    type Value = ClaimSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<ClaimSet, A::Error> {
        let mut members = ClaimSet(Vec::with_capacity(USUAL));
        while members.0.len() < FEW {
            match object.next_entry()? {
                Some((name, value)) => members.put(name, value),
                None => return Ok(members),
            }
        }
        let mut many: Map<String, Value> = members.0.into_iter().collect();
        while let Some((name, value)) = object.next_entry()? {
            many.insert(name, value);
        }
        Ok(ClaimSet(many.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_members_with_one_name_the_last_counts_among_few_and_many() {
        for count in [2, FEW - 1, FEW, FEW + 1, 4 * FEW] {
            let members: Vec<String> = (0..count).map(|n| format!("\"m{n}\":{n}")).collect();
            let text = format!("{{\"m0\":\"first\",{},\"m1\":\"last\"}}", members.join(","));
            let read: ClaimSet = serde_json::from_str(&text).unwrap();
            assert_eq!(read.as_slice().len(), count, "{count}");
            assert_eq!(read.get("m0"), Some(&Value::from(0)), "{count}");
            assert_eq!(read.get("m1"), Some(&Value::from("last")), "{count}");
            assert_eq!(Value::Object(read.to_map()), serde_json::from_str::<Value>(&text).unwrap());
        }
    }
}
