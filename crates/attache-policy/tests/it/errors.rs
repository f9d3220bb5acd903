//! What is wrong with a document is printed in a few lines, whatever it is and however long.

use attache_excerpt::{MAX_ERROR_BYTES, position};
use attache_policy::{
    Context, EffectivePolicies, Kind, Policy, Principal, Request, check, evaluate,
};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use proptest::prelude::*;

const GOOD: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:GetObject", "ec2:Describe*"], "Resource": "arn:aws:s3:::logs/${aws:username}/*",
   "Condition": {"StringLike": {"aws:PrincipalTag/team": ["a*", "b"]}, "Bool": {"aws:SecureTransport": true}}},
  {"Sid": "Other", "Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}
]}
"#;

fn rendered(error: &dyn Diagnostic, theme: GraphicalTheme) -> String {
    let mut out = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(80);
    handler.render_report(&mut out, error).unwrap();
    out
}

/// As a terminal shows it, which has to be short and harmless.
fn printed(error: &dyn Diagnostic) -> String {
    let coloured = rendered(error, GraphicalTheme::unicode());
    assert!(coloured.len() <= MAX_ERROR_BYTES, "{} bytes: {coloured}", coloured.len());
    let plain = rendered(error, GraphicalTheme::unicode_nocolor());
    let acts = |c: char| {
        c != '\n'
            && attache_identifiers::printable(c.encode_utf8(&mut [0; 4]))
                .chars()
                .ne(std::iter::once(c))
    };
    assert!(!plain.contains(acts), "{plain:?}");
    plain
}

fn refused(text: &str, kind: Kind) -> Option<String> {
    let invalid = Policy::parse(text, kind).err()?;
    assert!(invalid.to_string().len() <= MAX_ERROR_BYTES / 4);
    assert!(invalid.aws_message().len() <= MAX_ERROR_BYTES / 4);
    Some(printed(&invalid))
}

#[test]
fn a_mistake_at_any_column_is_told_with_its_place() {
    for column in [1, 65_534, 65_535, 65_536, 77_000, 1_000_000] {
        let text = format!("{}x{}", " ".repeat(column - 1), " ".repeat(column));
        let said = refused(&text, Kind::Identity).unwrap();
        assert!(said.contains(&format!("1:{column}: this is not JSON")), "{said}");
    }
}

#[test]
fn a_document_of_megabytes_is_not_repeated() {
    let long = "\\u001b[2J日x".repeat(40_000);
    for text in [
        format!(r#"{{"{long}": 1, "Statement": []}}"#),
        format!(
            r#"{{"Statement": [{{"Effect": "{long}", "Action": "{long}", "Resource": "{long}"}}]}}"#
        ),
        format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Action": "a:b", "Resource": "*",
                "Condition": {{"{long}": {{"a:b": "c"}}, "DateEquals": {{"{long}": "{long}"}}}}}}]}}"#
        ),
        format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Action": "{long}:x", "Resource": "*", "Sid": "{long}"}}]}}"#
        ),
        format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{long}", "{long}": "x"}}, "Action": "sts:AssumeRole"}}]}}"#
        ),
    ] {
        for kind in [Kind::Identity, Kind::Trust, Kind::ServiceControl] {
            refused(&text, kind);
            for finding in check(&text, kind) {
                let said = finding.message.len() + finding.help.map_or(0, |help| help.len());
                assert!(said < 1_000, "{said}");
            }
        }
    }
}

#[test]
fn a_near_miss_of_megabytes_is_told_in_a_few_lines() {
    let long = "x\u{1b}[2J日".repeat(100_000);
    let json = serde_json::to_string(&long).unwrap();
    let sid = "S".repeat(100_000);
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "{sid}", "Effect": "Allow", "Action": "s3:*",
            "Resource": "*", "Condition": {{"StringEquals": {{"aws:SourceIdentity": [{json}, "b"]}}}}}}]}}"#
    );
    let identity = Policy::parse(&text, Kind::Identity).map(|policy| policy.named(long.clone()));
    let Ok(identity) = identity else { panic!("{}", refused(&text, Kind::Identity).unwrap()) };
    let policies = EffectivePolicies { identity: identity.into(), ..EffectivePolicies::default() };
    let mut context = Context::new();
    context.set("aws:SourceIdentity", format!("{long}!"));
    let request = Request {
        principal: Principal::User { arn: "arn:aws:iam::222222222222:user/ann".into() },
        action: "s3:GetObject".into(),
        resource: format!("arn:aws:s3:::logs/{long}"),
        resource_account: None,
        context,
    };
    let explanation = evaluate(&policies, &request).explain();
    let [miss] = explanation.misses.as_slice() else { panic!("one was wanted") };
    printed(miss);
    assert!(explanation.to_string().len() <= MAX_ERROR_BYTES);
}

/// What is put into a good document.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{1,12}",
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "\n",
            "\r\n",
            "\r",
            "\t",
            "\0",
            "\u{1b}[2J",
            "\u{9b}31m",
            "\u{202e}",
            "日本",
            "e\u{301}",
            "\u{feff}",
            "\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\\u00",
            "${",
            "*",
        ])
        .prop_map(str::to_owned),
        (any::<char>(), 1..90_000_usize).prop_map(|(c, times)| c.to_string().repeat(times)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_error_of_a_mutated_document_is_short_and_acts_on_no_terminal(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, piece()), 1..6),
        kind in prop::sample::select(Kind::ALL.to_vec()),
    ) {
        let mut text = GOOD.to_owned();
        for (at, cut, piece) in changes {
            let at = at.index(text.len() + 1);
            let start = text.floor_char_boundary(at);
            let end = text.floor_char_boundary((start + cut).min(text.len())).max(start);
            text.replace_range(start..end, &piece);
        }
        if let Err(invalid) = Policy::parse(&text, kind) {
            let said = printed(&invalid);
            let first = &invalid.diagnostics[0];
            prop_assert_eq!((first.line, first.column), position(&text, first.span.start));
            prop_assert!(said.contains(&format!("{}:{}", first.line, first.column)), "{}", said);
        }
    }
}
