//! What may stand in one crate alone.

use regex::Regex;

use crate::tree::code;

/// An idea, how its copies look, and where its home is.
#[derive(Debug)]
pub struct Rule {
    /// Its name in `known.txt`.
    pub name: &'static str,
    /// A regular expression that finds it.
    pub pattern: &'static str,
    /// Where it may stand, as the beginning of a path.
    pub homes: &'static [&'static str],
    /// What to do instead.
    pub instead: &'static str,
}

/// One idea, one home.
pub const RULES: &[Rule] = &[
    Rule {
        name: "arn-formatted",
        pattern: r#""arn:(aws|\{)[^"]*\{"#,
        homes: &["crates/attache-identifiers/"],
        instead: "build it with the types of attache-identifiers: the partition is an argument there",
    },
    Rule {
        name: "policy-taken-apart",
        pattern: r#"(get|get_mut)\("(Statement|Principal|NotPrincipal|Effect|Condition)"\)|\["(Statement|Principal|Condition)"\]"#,
        homes: &["crates/attache-policy/"],
        instead: "read Policy::statements of attache-policy: the tree has a place for every node",
    },
    Rule {
        name: "condition-key-set",
        pattern: r#"\.set(_at|_many|_many_at)?\(\s*&?\[?\s*"(aws|sts):"#,
        homes: &["crates/attache-policy/src/"],
        instead: "describe the request with attache_policy::condition_keys",
    },
    Rule {
        name: "error-is-text",
        // The brackets of the first argument are counted: `Result<BTreeMap<_, String>, Error>` is typed.
        pattern: r"Result<([^<>;={]|<([^<>]|<([^<>]|<[^<>]*>)*>)*>)*, String>",
        homes: &[],
        instead: "a variant of the crate's error says what was attempted and keeps its source",
    },
    Rule {
        name: "redaction",
        pattern: r"fn \w*redact\w*|fn \w*mask\w*",
        homes: &["crates/attache-identifiers/"],
        instead: "attache_identifiers::redact knows every secret",
    },
    Rule {
        name: "secret-read",
        pattern: r#""(stringData|string_data)"|string_data\b"#,
        homes: &["crates/attache-manifests/"],
        instead: "attache-manifests reads Secrets and values",
    },
    Rule {
        name: "principal-from-arn",
        pattern: r#"strip_prefix\("(assumed-role|federated-user)/"\)|\.contains\(":(assumed-role|role|user)/"\)"#,
        homes: &["crates/attache-identifiers/", "crates/attache-policy/"],
        instead: "attache_identifiers::PrincipalArn reads every principal's ARN",
    },
    Rule {
        name: "wildcards-matched",
        pattern: r"b'\*' =>|Some\(b'\*'\)",
        homes: &["crates/attache-policy/"],
        instead: "attache_policy::Pattern matches and intersects",
    },
    Rule {
        name: "link-named",
        pattern: r"(enum|struct) Link\b",
        homes: &["crates/attache-aws-accounts/src/link.rs"],
        instead: "attache_aws_accounts::Link names the links of the chain",
    },
    Rule {
        name: "clock-read",
        pattern: r"OffsetDateTime::now_utc\(\)|SystemTime::now\(\)",
        homes: &[
            "crates/attache/",
            "crates/attache-authority/",
            "crates/attache-aws-accounts/",
            "crates/attache-kubernetes/",
        ],
        instead: "take the time as an argument",
    },
    Rule {
        name: "environment-read",
        pattern: r"std::env::var|env::var_os|env::vars",
        homes: &["crates/attache/"],
        instead: "only the command line reads the environment",
    },
];

/// A rule that is ready to look.
#[derive(Debug)]
pub struct Finder {
    rule: &'static Rule,
    pattern: Regex,
}

impl Finder {
    /// All rules, ready.
    ///
    /// # Errors
    /// When a rule's pattern is not a regular expression.
    pub fn all() -> Result<Vec<Self>, regex::Error> {
        RULES.iter().map(|rule| Ok(Self { rule, pattern: Regex::new(rule.pattern)? })).collect()
    }

    /// The rule that it looks for.
    #[must_use]
    pub fn rule(&self) -> &'static Rule {
        self.rule
    }

    /// On how many lines it stands in a file of this path, outside of its homes and of tests.
    #[must_use]
    pub fn count(&self, path: &str, text: &str) -> usize {
        if self.rule.homes.iter().any(|home| path.starts_with(home)) {
            return 0;
        }
        code(text).lines().filter(|line| self.pattern.is_match(line)).count()
    }
}
