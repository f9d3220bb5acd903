//! Any text, parsed as an awsQuery form and as the query and the path of a REST request.
#![no_main]

use attache_aws_protocol::{query, rest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for names in [&[][..], &["Filter", "Value"][..]] {
        match query::decode_with(text, names) {
            // The parsed form can be serialized.
            Ok(input) => assert!(input.is_object(), "{input}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    if let Ok(parameters) = rest::parameters(text) {
        assert!(parameters.len() <= text.len() + 1);
    }
    if let Ok(segments) = rest::segments(text) {
        assert!(segments.iter().map(String::len).sum::<usize>() <= text.len());
    }
});
