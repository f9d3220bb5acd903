//! A serializer that writes elements as it goes.
//!
//! An element is written once its value is known: what is null is left out, and a flat list has no
//! element of its own.

use std::fmt::{self, Write as _};

use serde::ser::{self, Impossible, Serialize, Serializer};

use super::Lists;
use super::encode::{close, escape, open, unwritable};
use crate::WireError;

/// An element that is to be written.
pub(super) struct Element<'e> {
    pub(super) into: &'e mut String,
    pub(super) name: &'e str,
    /// Empty: none.
    pub(super) xmlns: &'e str,
    pub(super) place: Place,
    pub(super) lists: &'e Lists,
}

/// The position of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is a member: null is left out, and a list may be flat.
    Member,
    /// It is there whatever its value: a root or a list's item.
    Alone,
    /// Its tags are others' to write.
    Content,
}

impl ser::Error for WireError {
    fn custom<T: fmt::Display>(why: T) -> Self {
        unwritable("a value", why.to_string())
    }
}

impl<'e> Element<'e> {
    fn open(&mut self) {
        if self.place != Place::Content {
            open(self.into, self.name, self.xmlns);
        }
    }

    fn text(mut self, write: impl FnOnce(&mut String)) -> Result<(), WireError> {
        self.open();
        write(self.into);
        End::of(&self).write(self.into);
        Ok(())
    }

    /// What has no characters that are special in XML.
    fn plain(self, text: &str) -> Result<(), WireError> {
        self.text(|into| into.push_str(text))
    }

    fn number(self, number: impl fmt::Display) -> Result<(), WireError> {
        self.text(|into| {
            // Text takes all that is written into it.
            let _written = write!(into, "{number}");
        })
    }

    fn nothing(self) -> Result<(), WireError> {
        if self.place == Place::Member { Ok(()) } else { self.plain("") }
    }

    fn items(mut self) -> Items<'e> {
        let item = self.lists.item_name(self.name);
        let own = if self.place == Place::Member && item.is_empty() {
            // A flat list: its own name is its items'.
            return Items { end: End(None), item: self.name, into: self.into, lists: self.lists };
        } else {
            self.open();
            // Only a list inside a list gets here with a flat name; it needs some element.
            if item.is_empty() { "member" } else { item }
        };
        Items { end: End::of(&self), item: own, into: self.into, lists: self.lists }
    }

    fn members(mut self) -> Members<'e> {
        self.open();
        let end = End::of(&self);
        Members { end, name: String::new(), into: self.into, lists: self.lists }
    }

    /// A variant that holds something is an object of one member.
    fn variant(mut self, variant: &'static str, value: impl Serialize) -> Result<(), WireError> {
        self.open();
        let end = End::of(&self);
        member(self.into, variant, &value, self.lists)?;
        end.write(self.into);
        Ok(())
    }
}

/// The end tag that is still to be written.
struct End<'e>(Option<&'e str>);

impl<'e> End<'e> {
    fn of(element: &Element<'e>) -> Self {
        Self((element.place != Place::Content).then_some(element.name))
    }

    fn write(&self, into: &mut String) {
        if let Some(name) = self.0 {
            close(into, name);
        }
    }
}

fn member(
    into: &mut String,
    name: &str,
    value: &(impl Serialize + ?Sized),
    lists: &Lists,
) -> Result<(), WireError> {
    if !is_element_name(name) {
        return Err(unwritable(name, "this is not a name for an element".to_owned()));
    }
    value.serialize(Element { into, name, xmlns: "", place: Place::Member, lists })
}

/// The names that AWS's shapes have: a subset of XML's.
fn is_element_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

impl<'e> Serializer for Element<'e> {
    type Ok = ();
    type Error = WireError;
    type SerializeSeq = Items<'e>;
    type SerializeTuple = Items<'e>;
    type SerializeTupleStruct = Items<'e>;
    type SerializeTupleVariant = Impossible<(), WireError>;
    type SerializeMap = Members<'e>;
    type SerializeStruct = Members<'e>;
    type SerializeStructVariant = Impossible<(), WireError>;

    fn serialize_bool(self, value: bool) -> Result<(), WireError> {
        self.plain(if value { "true" } else { "false" })
    }

    fn serialize_i8(self, value: i8) -> Result<(), WireError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), WireError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), WireError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), WireError> {
        self.number(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), WireError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), WireError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), WireError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), WireError> {
        self.number(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), WireError> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), WireError> {
        // As JSON writes them; what is no number is null.
        match serde_json::Number::from_f64(value) {
            Some(number) => self.number(number),
            None => self.nothing(),
        }
    }

    fn serialize_char(self, value: char) -> Result<(), WireError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), WireError> {
        self.text(|into| escape(into, value))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), WireError> {
        Err(unwritable(self.name, "bytes have no form in XML: write them in base64".to_owned()))
    }

    fn serialize_none(self) -> Result<(), WireError> {
        self.nothing()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), WireError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), WireError> {
        self.nothing()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), WireError> {
        self.nothing()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), WireError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), WireError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), WireError> {
        self.variant(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'e>, WireError> {
        Ok(self.items())
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'e>, WireError> {
        Ok(self.items())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'e>, WireError> {
        Ok(self.items())
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Impossible<(), WireError>, WireError> {
        Err(no_shape(name, variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'e>, WireError> {
        Ok(self.members())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'e>, WireError> {
        Ok(self.members())
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Impossible<(), WireError>, WireError> {
        Err(no_shape(name, variant))
    }
}

fn no_shape(name: &str, variant: &str) -> WireError {
    unwritable(name, format!("{variant} holds several values, which no AWS shape's variant does"))
}

/// A list whose items are being written.
pub(super) struct Items<'e> {
    into: &'e mut String,
    item: &'e str,
    end: End<'e>,
    lists: &'e Lists,
}

impl Items<'_> {
    fn item(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), WireError> {
        let Self { into, item: name, lists, .. } = self;
        value.serialize(Element { into, name, xmlns: "", place: Place::Alone, lists })
    }
}

impl ser::SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = WireError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WireError> {
        self.item(value)
    }

    fn end(self) -> Result<(), WireError> {
        self.end.write(self.into);
        Ok(())
    }
}

impl ser::SerializeTuple for Items<'_> {
    type Ok = ();
    type Error = WireError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WireError> {
        self.item(value)
    }

    fn end(self) -> Result<(), WireError> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for Items<'_> {
    type Ok = ();
    type Error = WireError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WireError> {
        self.item(value)
    }

    fn end(self) -> Result<(), WireError> {
        ser::SerializeSeq::end(self)
    }
}

/// A structure whose members are being written.
pub(super) struct Members<'e> {
    into: &'e mut String,
    /// Of the member that is next, where names are values themselves.
    name: String,
    end: End<'e>,
    lists: &'e Lists,
}

impl ser::SerializeMap for Members<'_> {
    type Ok = ();
    type Error = WireError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), WireError> {
        self.name.clear();
        let into = &mut self.name;
        name.serialize(Element {
            into,
            name: "",
            xmlns: "",
            place: Place::Content,
            lists: self.lists,
        })
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WireError> {
        member(self.into, &self.name, value, self.lists)
    }

    fn end(self) -> Result<(), WireError> {
        self.end.write(self.into);
        Ok(())
    }
}

impl ser::SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = WireError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), WireError> {
        member(self.into, name, value, self.lists)
    }

    fn end(self) -> Result<(), WireError> {
        self.end.write(self.into);
        Ok(())
    }
}
