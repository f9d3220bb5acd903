//! No text makes the readers panic, and a cut or altered file is never read as something else.

use attache_federation::Federation;
use proptest::prelude::*;

const GOOD: &str = include_str!("../../../../examples/federation.yaml");

fn read(text: &str) {
    if let Err(invalid) = Federation::from_yaml(text, "f") {
        // Showing it walks the text by the place: that must not panic either.
        assert!(!format!("{:?}", miette::Report::new(invalid)).is_empty());
    }
}

proptest! {
    #[test]
    fn any_text(text in "\\PC{0,200}") {
        read(&text);
    }

    #[test]
    fn a_good_file_altered_somewhere(at in 0..GOOD.len(), cut in 0usize..20, with in "\\PC{0,4}") {
        let start = GOOD.floor_char_boundary(at);
        let end = GOOD.floor_char_boundary((start + cut).min(GOOD.len())).max(start);
        read(&format!("{}{with}{}", &GOOD[..start], &GOOD[end..]));
    }
}
