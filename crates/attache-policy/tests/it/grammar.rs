//! What is refused and what is warned about: where, why, and what AWS says to it.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use attache_policy::{Diagnostic, Kind, Policy, Severity};

use crate::grammar_cases::{Case, ERRORS, IAM_SAYS, TAKEN, WARNINGS};

/// Puts a statement alone on the second line of a document.
fn document(statement: &str) -> String {
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [\n{statement}\n]}}")
}

/// All that is found in a document, be it taken or not.
fn findings(text: &str, kind: Kind) -> Vec<Diagnostic> {
    match Policy::parse(text, kind) {
        Ok(policy) => policy.warnings().to_vec(),
        Err(invalid) => invalid.diagnostics,
    }
}

fn check(case: &Case, severity: Severity) {
    let Case { name, kind, text, place, span, message, aws } = case;
    let text = text.strip_prefix('\u{1}').map_or_else(|| document(text), str::to_owned);
    let all = findings(&text, *kind);
    let found = all.iter().find(|d| d.severity == severity && d.message.contains(message));
    let found = found.unwrap_or_else(|| panic!("{name}: {message:?} is not among {all:#?}"));
    assert_eq!(format!("{}:{}", found.line, found.column), *place, "{name}");
    assert_eq!(text.get(found.span.clone()).unwrap(), *span, "{name}");
    assert_eq!(found.aws.as_deref(), *aws, "{name}");
    let refused = Policy::parse(&text, *kind).is_err();
    assert_eq!(refused, severity == Severity::Error, "{name}: {all:#?}");
}

#[test]
fn errors_have_their_place_and_awss_words() {
    for case in ERRORS {
        check(case, Severity::Error);
    }
}

#[test]
fn what_aws_takes_is_taken_with_a_warning() {
    for case in WARNINGS {
        check(case, Severity::Warning);
    }
}

#[test]
fn what_is_right_is_taken_without_a_word() {
    for (name, kind, statement) in TAKEN {
        let found = findings(&document(statement), *kind);
        assert_eq!(found, [], "{name}");
    }
}

/// Documents with several mistakes: IAM tells that of its first check.
#[test]
fn iam_tells_one_mistake_alone() {
    for (statement, said) in IAM_SAYS {
        let invalid = Policy::parse(&document(statement), Kind::Identity).unwrap_err();
        assert_eq!(invalid.aws_message(), *said, "{statement}: {invalid}");
    }
}

#[test]
fn a_finding_after_many_lines_and_wide_characters_has_its_place() {
    let statement = r#"{"Effect": "Allow", "Action": "ü:a", "Resource": "é"}"#;
    let lines = "\n".repeat(10_000);
    let found = findings(&document(&format!("{lines}{statement}")), Kind::Identity);
    let places: Vec<_> = found.iter().map(|d| (d.line, d.column)).collect();
    assert_eq!(places, [(10_002, 31), (10_002, 50)]);
}

#[test]
fn a_policy_inside_an_answer_of_awss_is_pointed_at() {
    for (text, path) in [
        (r#"{"PolicyName": "p", "Document": {"Statement": []}}"#, ".Document"),
        (r#"{"Role": {"RoleName": "r", "Doc": {"Statement": []}}}"#, ".Role.Doc"),
    ] {
        let found = findings(text, Kind::Identity);
        let help = found.iter().find_map(|d| d.help.as_deref()).unwrap();
        assert!(help.contains(&format!("`jq {path} FILE`")), "{help}");
        assert!(found.iter().all(|d| !d.message.contains("version")), "{found:?}");
    }
}

#[test]
fn an_error_after_many_warnings_still_refuses() {
    let odd = r#"{"Effect": "Allow", "Action": "s3:a b", "Resource": "*"},"#.repeat(1_000);
    let bad = r#"{"Effect": "Allow", "Action": "s3", "Resource": "*"}"#;
    assert!(Policy::parse(&document(&format!("{odd}\n{bad}")), Kind::Identity).is_err());
}

#[test]
fn a_refusal_reads_as_a_compilers_message() {
    let text = document(
        r#"  {"Sid": "let us in", "Effect": "allow", "Action": "s3:GetObject", "Resource": "*",
   "Condition": {"StringEquls": {"aws:PrincipalTag/team": "é"}}}"#,
    );
    let invalid = Policy::parse(&text, Kind::Identity).unwrap_err();
    let mut shown = String::new();
    let theme = miette::GraphicalTheme::none();
    let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(100);
    handler.render_report(&mut shown, &invalid).unwrap();
    insta::assert_snapshot!(shown);
}
