//! What every command has in common: help with examples, completions, exit codes.

use std::path::Path;
use std::process::Output;

use crate::command;

fn attache(arguments: &[&str]) -> Output {
    command::attache(Path::new("."), arguments)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_command_has_help_with_examples() {
    let help = text(&attache(&["--help"]).stdout);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names: Vec<String> = listed
        .take_while(|line| !line.is_empty())
        // A command's line is indented by two; a long text's next line by more.
        .filter(|line| line.chars().take_while(|c| *c == ' ').count() == 2)
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "help")
        .collect();
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        let help = attache(&[&name, "--help"]);
        assert_eq!(help.status.code(), Some(0));
        let example = format!("  attache {name} ");
        assert!(text(&help.stdout).contains(&example), "{name} --help has no example");
    }
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_would_be_right() {
    let done = attache(&["quickstrat"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("quickstart"));
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let done = attache(&["completions", shell]);
        assert_eq!(done.status.code(), Some(0));
        assert!(text(&done.stdout).contains("quickstart"), "{shell}");
    }
}

#[test]
fn a_missing_file_is_one_error_with_its_name() {
    for arguments in [
        vec!["plan", "-f", "nowhere.yaml"],
        vec!["verify", "-f", "nowhere.yaml", "--token", "nowhere"],
        vec![
            "mediator",
            "--values",
            "nowhere.yaml",
            "--secrets",
            "nowhere.yaml",
            "--token-file",
            "t",
        ],
    ] {
        let done = attache(&arguments);
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains("nowhere.yaml"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}
