//! The checks as a JUnit report, which CI systems show as tests.
//! <https://github.com/testmoapp/junitxml>

use std::path::Path;

use attache_federation::{Check, LinkStatus};
use attache_files::{NewFile, Replace, write_set};
use miette::IntoDiagnostic;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::report::{Report, first_line};

/// Writes the report, in place of an earlier one.
pub(super) fn write(file: &Path, report: &Report<'_>) -> miette::Result<()> {
    let text = text(report).into_diagnostic()?;
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| miette::miette!("{} is not a file's name", file.display()))?;
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let new = NewFile { name, contents: &text, mode: 0o644 };
    write_set(folder, &[new], Replace::Differing).into_diagnostic()?;
    Ok(())
}

fn text(report: &Report<'_>) -> std::io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = [
        ("tests", report.checks.len().to_string()),
        ("failures", report.fail.to_string()),
        ("skipped", report.unknown.to_string()),
    ];
    let counts = || counts.iter().map(|(name, count)| (*name, count.as_str()));
    writer.create_element("testsuites").with_attributes(counts()).write_inner_content(
        |writer| {
            let suite =
                writer.create_element("testsuite").with_attribute(("name", "attache verify"));
            suite.with_attributes(counts()).write_inner_content(|writer| {
                report.checks.iter().try_for_each(|check| case(writer, check))
            })?;
            Ok(())
        },
    )?;
    let mut text = writer.into_inner();
    text.push(b'\n');
    Ok(text)
}

fn case(writer: &mut Writer<Vec<u8>>, check: &Check) -> std::io::Result<()> {
    let account = check.account.map_or("all".to_owned(), |id| id.to_string());
    let class = format!("{account}.{}", check.link);
    let case = writer.create_element("testcase");
    let case = case.with_attributes([("classname", class.as_str()), ("name", check.name)]);
    let message = printable(&first_line(check));
    let body = [Some(check.detail.clone()), check.remedy.as_ref().map(|own| format!("fix: {own}"))];
    let body = printable(&body.into_iter().flatten().collect::<Vec<_>>().join("\n"));
    let (element, message) = match check.status {
        LinkStatus::Ok => return case.write_empty().map(drop),
        LinkStatus::Unknown => ("skipped", Some(message)),
        LinkStatus::Warn => ("system-out", None),
        _ => ("failure", Some(message)),
    };
    case.write_inner_content(|writer| {
        let mut inner = writer.create_element(element);
        if let Some(message) = &message {
            inner = inner.with_attribute(("message", message.as_str()));
        }
        inner.write_text_content(BytesText::new(&body)).map(drop)
    })
    .map(drop)
}

/// XML has no way to write most control characters.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}
