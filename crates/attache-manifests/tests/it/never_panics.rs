//! No text makes the reader panic, and whatever is wrong is told in a few lines.

use attache_manifests::{Configuration, Input, Inputs, TextFile};
use proptest::prelude::*;

const VALUES: &str = include_str!("../../../../examples/seed/causely-values.yaml");
const SECRET: &str = include_str!("../../../../examples/seed/aws-secret.yaml");

fn read(values: &str, secrets: &str) {
    let inputs = Inputs {
        values: vec![TextFile::new("v", values)],
        secrets: vec![Input::File(TextFile::new("s", secrets))],
        regions: Vec::new(),
    };
    if let Err(error) = Configuration::read(&inputs) {
        // Showing it walks the text by the place: that must not panic either.
        let shown = format!("{:?}", miette::Report::new(error));
        assert!(!shown.is_empty() && shown.len() <= attache_excerpt::MAX_ERROR_BYTES, "{shown}");
    }
}

fn altered(file: &str, at: usize, cut: usize, with: &str) -> String {
    let start = file.floor_char_boundary(at % file.len());
    let end = file.floor_char_boundary((start + cut).min(file.len())).max(start);
    format!("{}{with}{}", &file[..start], &file[end..])
}

proptest! {
    #[test]
    fn any_text(text in "\\PC{0,200}") {
        read(&text, SECRET);
        read(VALUES, &text);
    }

    #[test]
    fn good_files_altered_somewhere(at in 0usize..400, cut in 0usize..20, with in "\\PC{0,4}") {
        let secret = SECRET.replace("region-code", "us-east-1");
        read(&altered(VALUES, at, cut, &with), &secret);
        read(VALUES, &altered(&secret, at, cut, &with));
    }
}
