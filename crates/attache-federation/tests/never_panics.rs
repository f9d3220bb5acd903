//! No text makes the readers panic, and a cut or altered file is never read as something else.

use attache_federation::{Chain, Federation};
use proptest::prelude::*;

const GOOD: &str = include_str!("../../../examples/federation.yaml");
const VALUES: &str = include_str!("../../../examples/seed/causely-values.yaml");
const SECRET: &str = include_str!("../../../examples/seed/aws-secret.yaml");

fn read_all(text: &str) {
    for result in [
        Federation::from_yaml(text, "f").map(drop),
        Chain::from_values(("v", text), &[("s", SECRET)]).map(drop),
        Chain::from_values(("v", VALUES), &[("s", text)]).map(drop),
    ] {
        if let Err(invalid) = result {
            // Showing it walks the text by the place: that must not panic either.
            assert!(!format!("{:?}", miette::Report::new(invalid)).is_empty());
        }
    }
}

proptest! {
    #[test]
    fn any_text(text in "\\PC{0,200}") {
        read_all(&text);
    }

    #[test]
    fn a_good_file_altered_somewhere(at in 0..GOOD.len(), cut in 0usize..20, with in "\\PC{0,4}") {
        for file in [GOOD, VALUES, SECRET] {
            let start = file.floor_char_boundary(at.min(file.len()));
            let end = file.floor_char_boundary((start + cut).min(file.len()));
            let end = end.max(start);
            read_all(&format!("{}{with}{}", &file[..start], &file[end..]));
        }
    }
}
