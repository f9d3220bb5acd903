//! Any text, parsed as a form of awsQuery and of ec2Query and as the query and the path of a REST request.
#![no_main]

use attache_aws_protocol::query::{self, Positions};
use attache_aws_protocol::rest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for names in [&[][..], &["Filter", "Value"][..]] {
        for positions in [Positions::Strict, Positions::Loose] {
            match query::decode_with(text, names, positions) {
                // The parsed form can be serialized.
                Ok(input) => assert!(input.is_object(), "{input}"),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
    if let Ok(parameters) = rest::parameters(text) {
        assert!(parameters.len() <= text.len() + 1);
    }
    if let Ok(segments) = rest::segments(text) {
        assert!(segments.iter().map(String::len).sum::<usize>() <= text.len());
    }
});
