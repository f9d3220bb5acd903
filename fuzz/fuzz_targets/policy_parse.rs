//! Any text, parsed as a policy of each kind: it is a policy and returns its text, or it is refused with
//! positions within the text.
#![no_main]

use attache_policy::{Kind, Policy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for kind in Kind::ALL {
        match Policy::parse(text, kind) {
            Ok(policy) => {
                assert_eq!(policy.text(), text);
                assert!(Policy::parse(policy.text(), kind).is_ok(), "read once and not twice");
            }
            Err(invalid) => {
                assert!(!invalid.to_string().is_empty());
                assert!(!invalid.diagnostics.is_empty());
                for found in &invalid.diagnostics {
                    assert!(found.line >= 1 && found.column >= 1, "{found:?}");
                }
            }
        }
    }
});
