//! Reading a checked input into an operation's own type.
//!
//! The only place that knows how a form's text becomes a number or a flag: everything in a form is text,
//! in JSON it is what it is. What has been checked against its shape can be read; see
//! [`check`](super::check).

use attache_aws_protocol::number;
use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde_json::Value;

use super::Member;

/// Reads a `T`, which may borrow the texts of the input.
///
/// # Errors
/// When a member is missing, or has another type: the input did not meet its shape.
pub(super) fn read<'v, T: Deserialize<'v>>(input: &'v Value) -> Result<T, Error> {
    T::deserialize(Checked(input))
}

/// The same of these members alone: what others there are was not checked.
///
/// # Errors
/// As [`read`].
pub(super) fn read_declared<'v, T: Deserialize<'v>>(
    input: &'v Value,
    declared: &[Member],
) -> Result<T, Error> {
    let members = input.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| declared.iter().any(|found| found.name == *name));
    let members = members.map(|(name, value)| (name.as_str(), Checked(value)));
    T::deserialize(MapDeserializer::new(members))
}

/// A value of an input that met its shape.
#[derive(Clone, Copy)]
struct Checked<'v>(&'v Value);

impl<'v> Checked<'v> {
    fn text(self) -> Result<&'v str, Error> {
        self.0.as_str().ok_or_else(|| Error::custom("expected text"))
    }

    fn integer(self) -> Result<i64, Error> {
        let number = self.0.as_i64().or_else(|| self.0.as_str().and_then(number::whole));
        number.ok_or_else(|| Error::custom("expected a whole number"))
    }
}

impl<'v> IntoDeserializer<'v, Error> for Checked<'v> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Checked<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => visitor.visit_i64(whole),
                None => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_i64(self.integer()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.0.as_f64().ok_or_else(|| Error::custom("expected a number"))?;
        visitor.visit_f64(number)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::String(text) if text == "true" || text == "True" => visitor.visit_bool(true),
            Value::String(text) if text == "false" || text == "False" => visitor.visit_bool(false),
            _ => Err(Error::custom("expected true or false")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let items = match self.0 {
            Value::Array(items) => items.as_slice(),
            Value::Null => &[],
            // A form's empty list is an empty text.
            Value::String(text) if text.is_empty() => &[],
            _ => return Err(Error::custom("expected a list")),
        };
        visitor.visit_seq(SeqDeserializer::new(items.iter().map(Checked)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Object(members) = self.0 else {
            return Err(Error::custom("expected a structure"));
        };
        let members = members.iter().map(|(name, value)| (name.as_str(), Checked(value)));
        visitor.visit_map(MapDeserializer::new(members))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        BorrowedStrDeserializer::new(self.text()?).deserialize_enum(name, variants, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct tuple
        tuple_struct identifier
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Thing<'a> {
        name: &'a str,
        path: Option<&'a str>,
        seconds: Option<i64>,
        #[serde(default)]
        urgent: bool,
        #[serde(default, borrow)]
        parts: Vec<Part<'a>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Part<'a> {
        id: &'a str,
    }

    fn thing(seconds: Option<i64>, urgent: bool, parts: Vec<Part<'_>>) -> Thing<'_> {
        Thing { name: "a", path: None, seconds, urgent, parts }
    }

    #[test]
    fn a_form_and_json_are_read_alike() {
        let nothing = || thing(None, false, Vec::new());
        let all = || thing(Some(900), true, vec![Part { id: "1" }]);
        for (input, wanted) in [
            (json!({"Name": "a"}), nothing()),
            (json!({"Name": "a", "Path": null, "Parts": "", "Other": {"x": [1]}}), nothing()),
            (json!({"Name": "a", "Parts": null, "Urgent": "False"}), nothing()),
            (
                json!({"Name": "a", "Seconds": "900", "Urgent": "true", "Parts": [{"Id": "1"}]}),
                all(),
            ),
            (json!({"Name": "a", "Seconds": 900, "Urgent": true, "Parts": [{"Id": "1"}]}), all()),
        ] {
            assert_eq!(read::<Thing<'_>>(&input), Ok(wanted), "{input}");
        }
    }

    #[test]
    fn what_does_not_meet_its_shape_is_not_read() {
        for input in [
            json!({}),
            json!({"Name": 1}),
            json!({"Name": "a", "Seconds": "+900"}),
            json!({"Name": "a", "Urgent": "yes"}),
            json!({"Name": "a", "Parts": "1"}),
            json!({"Name": "a", "Parts": [{}]}),
            json!("a"),
        ] {
            assert!(read::<Thing<'_>>(&input).is_err(), "{input}");
        }
    }
}
