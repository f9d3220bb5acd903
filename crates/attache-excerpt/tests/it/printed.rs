//! Excerpts as a terminal shows them.

use std::fmt::{Display, Formatter};

use attache_excerpt::{Excerpt, Label, MAX_ERROR_BYTES, MAX_MESSAGE_BYTES, clip, position};
use proptest::prelude::*;

/// An error of the parts that every error here has.
#[derive(Debug)]
struct Complaint {
    message: String,
    excerpt: Excerpt,
}

impl Display for Complaint {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Complaint {}

impl miette::Diagnostic for Complaint {
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.excerpt)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }
    fn help(&self) -> Option<Box<dyn Display + '_>> {
        Some(Box::new(&self.message))
    }
}

fn printed(text: &str, labels: &[Label]) -> String {
    let excerpt = Excerpt::new("file.json", text, labels);
    let message = clip(&"m".repeat(10_000), MAX_MESSAGE_BYTES);
    rendered(&Complaint { message, excerpt }, miette::GraphicalTheme::unicode_nocolor())
}

fn rendered(complaint: &Complaint, theme: miette::GraphicalTheme) -> String {
    let mut out = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(80);
    handler.render_report(&mut out, complaint).expect("text takes it");
    out
}

fn excerpt_alone(text: &str, labels: &[Label]) -> String {
    let complaint =
        Complaint { message: "wrong".into(), excerpt: Excerpt::new("file.json", text, labels) };
    rendered(&complaint, miette::GraphicalTheme::unicode_nocolor())
}

#[test]
fn a_place_in_a_short_text_is_shown_with_its_neighbours() {
    let text = "{\n\t\"Version\": 1,\n  \"Id\": é日\n}\n";
    let at = text.find("é日").expect("it is there");
    let shown = excerpt_alone(text, &[Label::new(at..at + 5, "here")]);
    assert!(shown.contains("[file.json:3:9]"), "{shown}");
    assert!(shown.contains(" 2 │     \"Version\": 1,\n 3 │   \"Id\": é日\n"), "{shown}");
    assert!(shown.contains("4 │ }"), "{shown}");
    assert!(shown.contains("─┬─"), "{shown}");
}

#[test]
fn a_place_in_a_long_line_is_shown_by_a_window_of_it() {
    for at in [0, 65_534, 65_535, 65_536, 3_999_990] {
        let mut text = "é ".repeat(2_000_000);
        let byte = text.char_indices().nth(at).map_or(0, |(byte, _)| byte);
        text.insert_str(byte, "HERE");
        let shown = printed(&text, &[Label::new(byte..byte + 4, "this")]);
        assert!(shown.contains(&format!("[file.json:1:{}]", at + 1)), "{shown}");
        assert!(shown.contains("HERE") && shown.len() <= MAX_ERROR_BYTES, "{shown}");
    }
}

#[test]
fn two_places_of_one_long_line_and_one_far_below_are_all_shown() {
    let text = format!(
        "{}ONE{}TWO{}\n{}THREE",
        "a".repeat(90_000),
        "b".repeat(90_000),
        "c\n".repeat(50),
        "\n".repeat(100_000)
    );
    let labels: Vec<Label> = ["ONE", "TWO", "THREE"]
        .iter()
        .map(|word| text.find(word).map(|at| Label::new(at..at + word.len(), *word)))
        .collect::<Option<_>>()
        .expect("they are there");
    let shown = excerpt_alone(&text, &labels);
    for piece in ["ONE", "TWO", "THREE", "…", "[file.json:1:90001]", "[file.json:100052:1]"] {
        assert!(shown.contains(piece), "{piece} in {shown}");
    }
}

#[test]
fn a_span_over_two_parts_is_what_is_shown_between_them() {
    use miette::SourceCode as _;
    let text = format!("ONE\n{}TWO\n", "\n".repeat(100));
    let labels = [Label::bare(0..3), Label::bare(104..107)];
    let excerpt = Excerpt::new("", &text, &labels);
    let whole = excerpt.read_span(&(0, excerpt.text().len()).into(), 1, 1).expect("it is there");
    assert_eq!(whole.data(), excerpt.text().as_bytes());
    assert!(excerpt.read_span(&(0, excerpt.text().len() + 1).into(), 1, 1).is_err());
}

#[test]
fn odd_texts_and_places_at_their_ends_are_shown() {
    for text in [
        "",
        "\n",
        "\r\n",
        "\r",
        "a",
        "a\n",
        "a\r\n",
        "a\rb\r\nc",
        "\u{feff}{}",
        "\0\0",
        "\t\t\tx",
        "日本\u{200d}語",
        "e\u{301}\u{301}\u{301}",
        "\u{1b}[31mred\u{1b}[0m",
        "\u{9b}2J",
        "\u{2028}\u{2029}\u{85}",
        "\u{10ffff}",
    ] {
        for start in 0..=text.len() + 2 {
            for end in [start, start + 1, text.len(), text.len() + 9, usize::MAX] {
                let shown = excerpt_alone(text, &[Label::new(start..end, "here")]);
                let (line, column) = position(text, start);
                assert!(
                    shown.contains(&format!("[file.json:{line}:{column}]")),
                    "{text:?} {shown}"
                );
                assert!(shown.contains("here"), "{text:?} {start}..{end} {shown}");
                assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
            }
        }
    }
}

#[test]
fn colours_do_not_make_it_too_long() {
    let line = format!("\t{}\n", "日".repeat(90_000));
    let text = line.repeat(3);
    let labels: Vec<Label> =
        (0..90).map(|at| Label::new(at * 2..at * 3, "é".repeat(900))).collect();
    let excerpt = Excerpt::new(&"n".repeat(9_000), &text, &labels);
    let complaint = Complaint { message: clip(&"é".repeat(900), MAX_MESSAGE_BYTES), excerpt };
    let shown = rendered(&complaint, miette::GraphicalTheme::unicode());
    assert!(shown.len() <= MAX_ERROR_BYTES, "{} {shown}", shown.len());
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\t".to_owned()),
        Just("\u{1b}[2J".to_owned()),
        Just("日".to_owned()),
        Just("e\u{301}".to_owned()),
        "[ -~]{0,20}",
        any::<char>().prop_map(String::from),
        (any::<char>(), 1..9_000_usize).prop_map(|(c, times)| c.to_string().repeat(times)),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_error_is_too_long_or_acts_on_a_terminal(
        text in pieces(),
        places in prop::collection::vec((any::<prop::sample::Index>(), 0..3_000_usize, pieces()), 1..20),
    ) {
        let labels: Vec<Label> = places
            .into_iter()
            .map(|(at, length, message)| {
                let at = at.index(text.len() + 1);
                Label::new(at..at + length, message)
            })
            .collect();
        let shown = printed(&text, &labels);
        prop_assert!(shown.len() <= MAX_ERROR_BYTES, "{} bytes: {}", shown.len(), shown);
        let bad = |c: char| c != '\n' && attache_identifiers::printable(c.encode_utf8(&mut [0; 4])).len() > c.len_utf8();
        prop_assert!(!shown.contains(bad), "{:?}", shown);
        let (line, column) = position(&text, labels[0].at.start);
        let first = format!("[file.json:{line}:{column}]");
        prop_assert!(shown.contains(&first) || labels.len() > 1, "{} in {}", first, shown);
    }
}
