//! Any text, parsed as a policy of each kind: the error is printed in a few lines without control
//! characters, with and without colors.
#![no_main]

use attache_excerpt::{Excerpt, Label, MAX_ERROR_BYTES};
use attache_policy::{Kind, Policy, check, embedded_documents};
use libfuzzer_sys::fuzz_target;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

fuzz_target!(|text: &str| {
    for kind in Kind::ALL {
        tried(text, kind);
    }
    for inside in embedded_documents(text) {
        tried(&inside.text, inside.kind.unwrap_or_else(|| Kind::infer(&inside.text)));
    }
    // A long line, which a fuzzer would hardly generate.
    tried(&[" ".repeat(70_000).as_str(), text].concat(), Kind::infer(text));
});

fn tried(text: &str, kind: Kind) {
    if let Err(invalid) = Policy::parse(text, kind) {
        assert!(invalid.to_string().len() <= MAX_ERROR_BYTES);
        printed(&invalid);
    }
    for finding in check(text, kind).iter().take(2) {
        let label = Label::new(finding.span.clone(), finding.message.as_str());
        printed(&Shown(Excerpt::new("policy.json", text, &[label])));
    }
}

fn printed(error: &dyn Diagnostic) {
    let themes = [(GraphicalTheme::unicode_nocolor(), true), (GraphicalTheme::unicode(), false)];
    for (theme, plain) in themes {
        let mut out = String::new();
        let handler = GraphicalReportHandler::new_themed(theme).with_width(80);
        handler.render_report(&mut out, error).expect("text takes everything");
        assert!(out.len() <= MAX_ERROR_BYTES, "{} bytes: {out}", out.len());
        if plain {
            assert!(!out.contains(|c: char| c.is_control() && c != '\n'), "{out:?}");
        }
    }
}

#[derive(Debug)]
struct Shown(Excerpt);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a finding")
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.0)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        Some(Box::new(self.0.labels()))
    }
}
