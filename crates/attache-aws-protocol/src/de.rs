//! Reading typed values out of a tree that has only text.

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde_json::Value;

use crate::WireError;

/// What a single value is where a list is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Single {
    /// A mistake: a form numbers its items.
    IsNoList,
    /// A list of one: XML does not show the difference.
    IsList,
}

/// Deserializes `T`, turning text into numbers and bools where `T` has them.
pub(crate) fn read<T: DeserializeOwned>(value: &Value, single: Single) -> Result<T, WireError> {
    let Misfit { mut path, why } = match T::deserialize(Coerced { value, single }) {
        Ok(read) => return Ok(read),
        Err(misfit) => misfit,
    };
    path.reverse();
    Err(WireError::Shape { path: path.join("."), why })
}

/// A value that has not the type it was read as; the path is collected from the inside out.
#[derive(Debug)]
struct Misfit {
    path: Vec<String>,
    why: String,
}

impl Misfit {
    fn new(why: impl Into<String>) -> Self {
        Self { path: Vec::new(), why: why.into() }
    }

    fn under(mut self, name: String) -> Self {
        self.path.push(name);
        self
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

#[derive(Clone, Copy)]
struct Coerced<'v> {
    value: &'v Value,
    single: Single,
}

impl<'v> Coerced<'v> {
    /// The items of what is expected as a list.
    fn items(self) -> Result<Vec<&'v Value>, Misfit> {
        match self.value {
            Value::Array(items) => Ok(items.iter().collect()),
            Value::Null => Ok(Vec::new()),
            Value::String(text) if text.is_empty() => Ok(Vec::new()),
            _ if self.single == Single::IsNoList => Err(Misfit::new("must be a list")),
            Value::Object(members) if members.len() == 1 => {
                match members.get("member").or_else(|| members.get("item")) {
                    Some(Value::Array(items)) => Ok(items.iter().collect()),
                    Some(item) => Ok(vec![item]),
                    None => Ok(vec![self.value]),
                }
            }
            _ => Ok(vec![self.value]),
        }
    }
}

/// A number or a bool from text, where it is text.
macro_rules! from_text {
    ($($method:ident $visit:ident $type:ty, $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self.value {
                // No protocol writes a plus, which Rust's parsers take.
                Value::String(text) => match text.parse::<$type>() {
                    Ok(value) if !text.starts_with('+') => visitor.$visit(value),
                    _ => Err(Misfit::new(format!("must be {}, not {text:?}", $what))),
                },
                other => other.$method(visitor).map_err(|e| json(&e)),
            }
        }
    )*};
}

fn json(error: &serde_json::Error) -> Misfit {
    Misfit::new(error.to_string())
}

impl<'de> Deserializer<'de> for Coerced<'de> {
    type Error = Misfit;

    from_text! {
        deserialize_bool visit_bool bool, "true or false";
        deserialize_i8 visit_i8 i8, "a whole number";
        deserialize_i16 visit_i16 i16, "a whole number";
        deserialize_i32 visit_i32 i32, "a whole number";
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_u8 visit_u8 u8, "a whole number, not negative";
        deserialize_u16 visit_u16 u16, "a whole number, not negative";
        deserialize_u32 visit_u32 u32, "a whole number, not negative";
        deserialize_u64 visit_u64 u64, "a whole number, not negative";
        deserialize_f32 visit_f32 f32, "a number";
        deserialize_f64 visit_f64 f64, "a number";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
            other => other.deserialize_any(visitor).map_err(|e| json(&e)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let Self { single, .. } = self;
        let items = self.items()?.into_iter().enumerate();
        let items = items.map(|(at, value)| Placed { name: at.to_string(), value, single });
        visitor.visit_seq(SeqDeserializer::new(items))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let Self { single, .. } = self;
        match self.value {
            Value::Object(members) => {
                let members = members.iter().map(|(name, value)| {
                    (name.as_str(), Placed { name: name.clone(), value, single })
                });
                visitor.visit_map(MapDeserializer::new(members))
            }
            // An empty element, or an empty structure in a form.
            Value::String(text) if text.is_empty() => {
                let none = std::iter::empty::<(&str, &str)>();
                visitor.visit_map(MapDeserializer::new(none))
            }
            _ => Err(Misfit::new("must be a structure")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, v: V) -> Result<V::Value, Misfit> {
        self.deserialize_seq(v)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.value {
            Value::String(text) => {
                visitor.visit_enum(StrDeserializer::<Misfit>::new(text).into_deserializer())
            }
            Value::Object(members) if members.len() == 1 => {
                let Self { single, .. } = self;
                let members = members.iter().map(|(name, value)| {
                    (name.as_str(), Placed { name: name.clone(), value, single })
                });
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(members)))
            }
            _ => Err(Misfit::new("must be one of its names")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple_struct identifier
    }
}

/// A value with the name it has in its parent, for the error's path.
struct Placed<'v> {
    name: String,
    value: &'v Value,
    single: Single,
}

impl<'de> IntoDeserializer<'de, Misfit> for Placed<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

/// Forwards each method to [`Coerced`], naming the place in the error.
macro_rules! forward {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            let Self { name, value, single } = self;
            Coerced { value, single }.$method(visitor).map_err(|misfit| misfit.under(name))
        }
    )*};
}

impl<'de> Deserializer<'de> for Placed<'de> {
    type Error = Misfit;

    forward! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32
        deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64 deserialize_option deserialize_seq deserialize_map
        deserialize_ignored_any
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        struct_name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let Self { name, value, single } = self;
        let read = Coerced { value, single }.deserialize_struct(struct_name, fields, visitor);
        read.map_err(|misfit| misfit.under(name))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, v: V) -> Result<V::Value, Misfit> {
        let Self { name, value, single } = self;
        let read = Coerced { value, single }.deserialize_tuple(len, v);
        read.map_err(|misfit| misfit.under(name))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        struct_name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let Self { name, value, single } = self;
        let read = Coerced { value, single }.deserialize_newtype_struct(struct_name, visitor);
        read.map_err(|misfit| misfit.under(name))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        enum_name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let Self { name, value, single } = self;
        let read = Coerced { value, single }.deserialize_enum(enum_name, variants, visitor);
        read.map_err(|misfit| misfit.under(name))
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple_struct identifier
    }
}
