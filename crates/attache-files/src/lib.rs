//! Files that come from users and files that users trust us with.
//!
//! Knows: how to read a file without taking more than a stated size of it ([`read_text`],
//! [`read_text_from`]), how to refuse a key that others can read ([`read_private`]), and how to
//! write so that nothing is replaced by accident, nothing goes through a symbolic link, and a set
//! of files is there whole or not at all ([`write_private`], [`write_set`], [`create_data_folder`]).
//!
//! Also whether a file changed since it was read ([`FileStamp`]).
//!
//! Does not know: what any file means. Start at [`mod@read`] and [`mod@write`].

mod error;
pub mod read;
mod stamp;
pub mod write;

pub use error::FileError;
pub use read::{
    MAX_DOCUMENT_BYTES, MAX_INPUT_BYTES, MAX_KEY_BYTES, MAX_POLICY_BYTES, read_private, read_text,
    read_text_from,
};
pub use stamp::FileStamp;
pub use write::{
    NewFile, Replace, create_data_folder, open_private, require_file, write_new, write_private,
    write_set,
};
