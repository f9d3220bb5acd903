//! Any bytes, parsed as the body of a JSON request: an object, or an error of one sentence.
#![no_main]

use attache_aws_protocol::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    match json::decode(body) {
        Ok(input) => assert!(input.is_object() || input.is_null(), "{input}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
