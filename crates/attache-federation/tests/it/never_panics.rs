//! No text makes the readers panic, and a cut or altered file is never read as something else.

use attache_federation::Federation;
use proptest::prelude::*;

const GOOD: &str = include_str!("../../../../examples/federation.yaml");
const PODS: &str = include_str!("../../../../examples/federation-pod-identity.yaml");

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
    fn a_good_file_altered_somewhere(
        pods in any::<bool>(), at in 0..PODS.len(), cut in 0usize..20, with in "\\PC{0,4}",
    ) {
        let good = if pods { PODS } else { GOOD };
        let start = good.floor_char_boundary(at.min(good.len()));
        let end = good.floor_char_boundary((start + cut).min(good.len())).max(start);
        read(&format!("{}{with}{}", &good[..start], &good[end..]));
    }
}
