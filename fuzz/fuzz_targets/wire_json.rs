//! Any bytes as the body of a JSON call: an object, or refused in a sentence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use attache_aws_protocol::json;

fuzz_target!(|body: &[u8]| {
    match json::decode(body) {
        Ok(input) => assert!(input.is_object() || input.is_null(), "{input}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
