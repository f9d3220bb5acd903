//! The regular expressions of AWS's models, each by its name.

use attache_policy::condition_keys::is_tag_char;

use super::OrganizationId;

/// A pattern that a whole text must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// No pattern.
    Any,
    /// The names of IAM's resources.
    Name,
    /// The same, where it may be empty: session names.
    NameOrEmpty,
    /// External ids.
    ExternalId,
    /// Access key ids.
    Word,
    /// MFA devices.
    SerialNumber,
    /// MFA codes.
    Digits,
    /// Paths of roles.
    Path,
    /// Prefixes of paths of roles.
    PathPrefix,
    /// Paths of managed policies.
    PolicyPath,
    /// Policy documents.
    Document,
    /// Descriptions of roles.
    Description,
    /// ARNs in STS.
    ArnText,
    /// Pages' markers.
    Marker,
    /// Tag keys.
    TagKey,
    /// Tag values.
    TagValue,
    /// `v2`.
    VersionId,
    /// Twelve digits.
    AccountNumber,
    /// Accounts' aliases.
    AccountAlias,
    /// Those of Organizations.
    Organizations(OrganizationId),
}

impl Pattern {
    /// The expression as AWS's models have it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Name => "[\\w+=,.@-]+",
            Self::NameOrEmpty => "[\\w+=,.@-]*",
            Self::ExternalId => "[\\w+=,.@:\\/-]*",
            Self::Word => "[\\w]*",
            Self::SerialNumber => "[\\w+=/:,.@-]*",
            Self::Digits => "[\\d]*",
            Self::Path => "(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)",
            Self::PathPrefix => "\\u002F[\\u0021-\\u007F]*",
            Self::PolicyPath => "((/[A-Za-z0-9\\.,\\+@=_-]+)*)/",
            Self::Document => "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
            Self::Description => "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*",
            Self::ArnText => {
                "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+"
            }
            Self::Marker => "[\\u0020-\\u00FF]+",
            Self::TagKey => "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+",
            Self::TagValue => "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*",
            Self::VersionId => "v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?",
            Self::AccountNumber => "^\\d{12}$",
            Self::AccountAlias => "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
            Self::Organizations(id) => id.text(),
        }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(self, text: &str) -> bool {
        let all = |legal: fn(char) -> bool| text.chars().all(legal);
        let some = |legal: fn(char) -> bool| !text.is_empty() && text.chars().all(legal);
        match self {
            Self::Any => true,
            Self::Name => some(is_name),
            Self::NameOrEmpty => all(is_name),
            Self::ExternalId => all(|c| is_name(c) || matches!(c, ':' | '/')),
            Self::Word => all(|c| c.is_ascii_alphanumeric() || c == '_'),
            Self::SerialNumber => all(|c| is_name(c) || matches!(c, ':' | '/')),
            Self::Digits => all(|c| c.is_ascii_digit()),
            Self::Path => is_path(text, |c| c.is_ascii_graphic()),
            Self::PathPrefix => text
                .strip_prefix('/')
                .is_some_and(|t| t.chars().all(|c| ('!'..='\u{7f}').contains(&c))),
            Self::PolicyPath => {
                let legal = |c| matches!(c, '.' | ',' | '+' | '@' | '=' | '_' | '-' | '/');
                is_path(text, |c| c.is_ascii_alphanumeric() || legal(c)) && !text.contains("//")
            }
            Self::Document => some(|c| is_space(c) || (' '..='\u{ff}').contains(&c)),
            Self::Description => all(|c| {
                is_space(c) || (' '..='~').contains(&c) || ('\u{a1}'..='\u{ff}').contains(&c)
            }),
            Self::ArnText => {
                some(|c| is_space(c) || (' '..='~').contains(&c) || c == '\u{85}' || c >= '\u{a0}')
            }
            Self::Marker => some(|c| (' '..='\u{ff}').contains(&c)),
            Self::TagKey => some(is_tag_char),
            Self::TagValue => all(is_tag_char),
            Self::VersionId => is_version(text),
            Self::AccountNumber => is_account(text),
            Self::AccountAlias => is_alias(text),
            Self::Organizations(id) => id.matches(text),
        }
    }
}

/// `\w` and `+=,.@-`. In AWS's expressions `\w` is ASCII.
fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '=' | ',' | '.' | '@' | '-')
}

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r')
}

/// `/`, or text between two slashes.
fn is_path(text: &str, legal: impl Fn(char) -> bool) -> bool {
    let between = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    text == "/" || between.is_some_and(|between| !between.is_empty() && between.chars().all(legal))
}

fn is_version(text: &str) -> bool {
    let number = text.strip_prefix('v').map(|rest| rest.split('.').next().unwrap_or_default());
    number.is_some_and(|n| {
        !n.is_empty() && !n.starts_with('0') && n.bytes().all(|b| b.is_ascii_digit())
    })
}

fn is_alias(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.chars().all(|c| legal(c) || c == '-')
        && text.starts_with(legal)
        && text.ends_with(legal)
        && !text.contains("--")
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
