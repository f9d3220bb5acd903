//! Each idea stays in its one home, and the pages name files that there are.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write;

use source_lint::{Finder, RULES, code, files_below, paths_in, root};

/// Copies that are known, a line each: rule, file, how many lines. A copy more fails; one less asks
/// for its line to be changed here, so that it never comes back.
const KNOWN: &str = include_str!("../known.txt");

fn found() -> BTreeMap<(String, String), usize> {
    let finders = Finder::all().unwrap();
    let mut found = BTreeMap::new();
    for file in files_below(&root().join("crates"), ".rs").unwrap() {
        let path = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let is_test = path.split('/').any(|part| matches!(part, "tests" | "benches"))
            || path.ends_with("/tests.rs");
        if is_test {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for finder in &finders {
            let count = finder.count(&path, &text);
            if count > 0 {
                found.insert((finder.rule().name.to_owned(), path.clone()), count);
            }
        }
    }
    found
}

#[test]
fn every_idea_has_one_home() {
    let known: BTreeMap<(String, String), usize> = KNOWN
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let [rule, path, count] = parts[..] else { panic!("expected 3 words: {line}") };
            ((rule.to_owned(), path.to_owned()), count.parse().unwrap())
        })
        .collect();
    let found = found();
    if std::env::var_os("UPDATE_SOURCE_LINT").is_some() {
        let lines = found.iter().map(|((rule, path), count)| format!("{rule} {path} {count}\n"));
        let head = "# Copies that are known: rule, file, lines. Written by\n\
                    # UPDATE_SOURCE_LINT=1 cargo test -p source-lint\n";
        let file = root().join("tests/source_lint/known.txt");
        std::fs::write(file, head.to_owned() + &lines.collect::<String>()).unwrap();
        return;
    }
    let mut wrong = String::new();
    for ((name, path), count) in &found {
        let most = known.get(&(name.clone(), path.clone())).copied().unwrap_or_default();
        if *count > most {
            let rule = RULES.iter().find(|rule| rule.name == name).unwrap();
            writeln!(wrong, "{path}: {name}: {count} lines, known are {most}: {}", rule.instead)
                .unwrap();
        }
    }
    for (key, most) in &known {
        let count = found.get(key).copied().unwrap_or_default();
        if count < *most {
            writeln!(
                wrong,
                "{}: {}: {count} lines where known.txt has {most}: write it anew with \
                 UPDATE_SOURCE_LINT=1 cargo test -p source-lint",
                key.1, key.0
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_copy_is_found_and_a_test_is_none() {
    let finders = Finder::all().unwrap();
    for (name, line) in [
        ("arn-formatted", r#"let arn = format!("arn:aws:iam::{account}:role/{name}");"#),
        ("policy-taken-apart", r#"value.get("Statement")"#),
        ("condition-key-set", r#"context.set("aws:PrincipalArn", arn);"#),
        ("condition-key-set", r#"context.set_at(&["aws:RequestTag/", key], value);"#),
        ("error-is-text", "fn read(text: &str) -> Result<Role, String> {"),
        ("redaction", "fn redacted(text: &str) -> String {"),
        ("secret-read", r#"data.get("stringData")"#),
        ("principal-from-arn", r#"resource.strip_prefix("assumed-role/")"#),
        ("wildcards-matched", "match byte { b'*' => true }"),
        ("link-named", "pub enum Link {"),
        ("clock-read", "let now = OffsetDateTime::now_utc();"),
        ("environment-read", r#"std::env::var("HOME")"#),
    ] {
        let finder = finders.iter().find(|finder| finder.rule().name == name).unwrap();
        assert_eq!(finder.count("crates/attache-new/src/lib.rs", line), 1, "{name}");
        let test = format!("#[cfg(test)]\nmod tests {{\n{line}\n}}\n");
        assert_eq!(finder.count("crates/attache-new/src/lib.rs", &test), 0, "{name}");
        for home in finder.rule().homes {
            assert_eq!(finder.count(&format!("{home}src/lib.rs"), line), 0, "{name}");
        }
    }
    let typed = "fn tags(text: &str) -> Result<BTreeMap<String, String>, TagError> {";
    assert!(finders.iter().all(|finder| finder.count("crates/attache-new/src/lib.rs", typed) == 0));
}

#[test]
fn pages_name_what_there_is() {
    let mut pages = files_below(&root(), ".md").unwrap();
    pages.retain(|page| !page.ends_with("CHANGELOG.md"));
    let mut missing = String::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let beside = page.parent().unwrap();
        for path in paths_in(&text) {
            if !root().join(&path).exists() && !beside.join(&path).exists() {
                writeln!(missing, "{}: there is no {path}", page.display()).unwrap();
            }
        }
    }
    assert!(missing.is_empty(), "\n{missing}");
}

#[test]
fn every_crate_says_what_it_knows() {
    for folder in std::fs::read_dir(root().join("crates")).unwrap() {
        let library = folder.unwrap().path().join("src/lib.rs");
        let Ok(text) = std::fs::read_to_string(&library) else { continue };
        for part in ["Knows:", "Does not know:"] {
            assert!(text.contains(part), "{}: its first comment has no {part}", library.display());
        }
        assert!(!code(&text).is_empty(), "{}", library.display());
    }
}
