//! Any text, parsed as an XML document without custom entities. The parsed document can be serialized.
#![no_main]

use attache_aws_protocol::xml::{self, Lists};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match xml::decode(text) {
        Ok(value) => {
            let again = xml::encode("Root", "", &value, &Lists::QUERY);
            assert!(again.is_ok() || again.is_err_and(|e| !e.to_string().is_empty()));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
