//! Secrets in the text of others, hidden before the text is kept or shown.
//!
//! A message can repeat what it refuses: validation errors repeat the value, a
//! `SignatureDoesNotMatch` repeats the canonical request with its session token, a proxy's page
//! repeats the whole call. And a caller can put a token into the wrong parameter. So secrets are
//! hidden by what is known of them, by the name beside them, and by their shape.

use std::borrow::Cow;
use std::sync::LazyLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Captures, Regex};

/// The replacement of a secret.
const HIDDEN: &str = "[hidden]";

/// Ours, and STS's least length of a token: shorter text is no secret, and hiding it would eat
/// letters out of every word.
const SHORTEST_SECRET: usize = 4;

/// AWS's: a secret access key has 40 characters.
const SECRET_KEY_LENGTH: usize = 40;

/// Ours: no name, ARN part or digest that AWS uses has so many characters of base64 in a row;
/// session tokens have several hundred.
const SHORTEST_SESSION_TOKEN: usize = 100;

/// What IAM's ARNs have before a path and a name.
const RESOURCES: [&str; 6] = ["role/", "user/", "group/", "policy/", "server-certificate/", "mfa/"];

/// The text without the secrets that are `known`, and without anything that has the name or the
/// shape of one: JSON Web Tokens, session tokens, secret access keys, signatures, private keys.
///
/// ```
/// # use attache_identifiers::redact;
/// assert_eq!(redact("Value 'hunter2' at 'x'", &["hunter2"]), "Value '[hidden]' at 'x'");
/// assert_eq!(redact("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", &[]), "got [hidden]");
/// ```
#[must_use]
pub fn redact<'t>(text: &'t str, known: &[&str]) -> Cow<'t, str> {
    let mut shown = Cow::Borrowed(text);
    for secret in known.iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
        for spelling in spellings(secret) {
            if shown.contains(spelling.as_ref()) {
                shown = Cow::Owned(shown.replace(spelling.as_ref(), HIDDEN));
            }
        }
    }
    let hints = Hints::of(shown.as_bytes());
    for (pattern, may_match) in [(&*PRIVATE_KEY, hints.private_key), (&*WEB_TOKEN, hints.web_token)]
    {
        if may_match {
            replace(&mut shown, pattern, |_| Some(HIDDEN.to_owned()));
        }
    }
    if hints.named {
        replace(&mut shown, &NAMED, |found| {
            let before = found.get(1).map_or("", |m| m.as_str());
            Some(format!("{before}{HIDDEN}"))
        });
    }
    if !hints.run {
        return shown;
    }
    let runs = shown.clone();
    replace(&mut shown, &BASE64_RUN, |found| {
        let run = found.get(0)?;
        // A host's name or a file's ending beside it: part of a URL or a path.
        let beside =
            runs.get(..run.start())?.ends_with('.') || runs.get(run.end()..)?.starts_with('.');
        (!beside && has_secrets_shape(run.as_str())).then(|| HIDDEN.to_owned())
    });
    shown
}

/// What another party said, made fit to be kept, logged and shown: without the secrets that are
/// `known` and those that are known by their shape, on one line, and at most `limit` characters.
///
/// ```
/// # use attache_identifiers::displayable;
/// assert_eq!(displayable("Value 'hunter2'\nfailed", &["hunter2"], 80), "Value '[hidden]'\\nfailed");
/// ```
#[must_use]
pub fn displayable(text: &str, known: &[&str], limit: usize) -> String {
    // In this order: a secret that is cut or escaped first would not be found.
    let start = beginning(text);
    let redacted = redact(start, known);
    let mut shown = crate::excerpt(&crate::printable(&redacted), limit).into_owned();
    if start.len() < text.len() && !shown.ends_with('…') {
        shown.push('…');
    }
    shown
}

/// Ours: more of a text is not searched. A message that is kept has a thousand characters.
const LONGEST_SEARCHED: usize = 64 * 1024;

/// The text, or the beginning of a long one up to a space: no secret is cut, since none has spaces.
fn beginning(text: &str) -> &str {
    if text.len() <= LONGEST_SEARCHED {
        return text;
    }
    let start = text.get(..text.floor_char_boundary(LONGEST_SEARCHED)).unwrap_or_default();
    start.rfind(char::is_whitespace).and_then(|end| start.get(..end)).unwrap_or_default()
}

/// Which of the patterns below can match at all, seen by looking at each byte once. Nearly all text holds
/// nothing of the kind, and the authority redacts several texts for each call that it answers.
#[derive(Debug, Default)]
struct Hints {
    private_key: bool,
    web_token: bool,
    named: bool,
    run: bool,
}

impl Hints {
    fn of(text: &[u8]) -> Self {
        let (mut hints, mut run) = (Self::default(), Run::default());
        let before = |at: usize, name: &[u8]| {
            let found = at.checked_sub(name.len()).and_then(|from| text.get(from..at));
            found.is_some_and(|found| found.eq_ignore_ascii_case(name))
        };
        let mut last = 0;
        for (at, &byte) in text.iter().enumerate() {
            let class = CLASSES.get(usize::from(byte)).copied().unwrap_or_default();
            if class & ENDS_RUN == 0 {
                run.length += 1;
                run.classes |= class;
            } else if run.length > 0 {
                hints.run |= run.may_be_secret();
                run = Run::default();
            }
            if class & TELLS != 0 {
                let next = || text.get(at + 1);
                match (last, byte) {
                    (b'e', b'y') => {
                        hints.web_token |= matches!(next(), Some(b'A'..=b'D' | b'I'..=b'L'));
                    }
                    (b'e', b'w') => {
                        hints.web_token |= matches!(next(), Some(b'k'..=b'r' | b'0'..=b'3'));
                    }
                    (b'-', b'B') => hints.private_key |= before(at, b"-----"),
                    (_, b'=' | b'"' | b'>' | b'%') => hints.named = true,
                    (b'n' | b'N', b':') => hints.named |= before(at, b"security-token"),
                    // White space of any script behind it.
                    (b'r' | b'R', b' ' | b'\t'..=b'\r' | 0x80..) => {
                        hints.named |= before(at, b"bearer");
                    }
                    _ => {}
                }
            }
            last = byte;
        }
        hints.run |= run.may_be_secret();
        hints
    }
}

const UPPER: u8 = 1;
const LOWER: u8 = 2;
const DIGIT: u8 = 4;
const ESCAPE: u8 = 8;
/// No character of base64.
const ENDS_RUN: u8 = 16;
/// With the text beside it, it can be the sign of a secret.
const TELLS: u8 = 32;

/// What each byte is: most of them are no more than one step.
static CLASSES: [u8; 256] = {
    let mut classes = [ENDS_RUN; 256];
    let mut at = 0;
    while at < classes.len() {
        #[expect(clippy::cast_possible_truncation, reason = "it is below 256")]
        let byte = at as u8;
        #[expect(clippy::indexing_slicing, reason = "it is below the length")]
        let class = &mut classes[at];
        *class = match byte {
            b'B' => UPPER | TELLS,
            b'A' | b'C'..=b'Z' => UPPER,
            b'w' | b'y' => LOWER | TELLS,
            b'a'..=b'v' | b'x' | b'z' => LOWER,
            b'0'..=b'9' => DIGIT,
            b'+' | b'/' | b'_' | b'-' => 0,
            b'%' => ESCAPE | TELLS,
            b'=' | b'"' | b'>' | b':' | b' ' | b'\t'..=b'\r' | 0x80.. => ENDS_RUN | TELLS,
            _ => ENDS_RUN,
        };
        at += 1;
    }
    classes
};

/// Characters of base64 in a row, escaped ones among them.
#[derive(Debug, Default)]
struct Run {
    length: usize,
    classes: u8,
}

impl Run {
    /// As [`has_secrets_shape`] has it; what is escaped is looked at there.
    fn may_be_secret(&self) -> bool {
        const MIXED: u8 = UPPER | LOWER | DIGIT;
        let Self { length, classes } = *self;
        if length < SECRET_KEY_LENGTH {
            return false;
        }
        let long_enough = length == SECRET_KEY_LENGTH || length >= SHORTEST_SESSION_TOKEN;
        classes & ESCAPE != 0 || (long_enough && classes & MIXED == MIXED)
    }
}

/// As it is, as a form or a query string has it, and as JSON has it.
fn spellings(secret: &str) -> Vec<Cow<'_, str>> {
    const UNRESERVED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let form = utf8_percent_encode(secret, UNRESERVED).to_string();
    let twice = utf8_percent_encode(&form, UNRESERVED).to_string();
    let mut all = vec![Cow::Borrowed(secret)];
    for other in [twice, form.to_ascii_lowercase(), form, secret.replace('/', "\\/")] {
        if !all.iter().any(|spelling| *spelling == other) {
            all.push(Cow::Owned(other));
        }
    }
    all
}

fn replace(
    text: &mut Cow<'_, str>,
    pattern: &Regex,
    with: impl Fn(&Captures<'_>) -> Option<String>,
) {
    let changed = pattern.replace_all(text, |found: &Captures<'_>| {
        with(found).unwrap_or_else(|| found.get(0).map_or("", |m| m.as_str()).to_owned())
    });
    if let Cow::Owned(changed) = changed {
        *text = Cow::Owned(changed);
    }
}

/// A run of base64 that can only be a key or a token: of a secret key's length or a session
/// token's, and of mixed letters and digits, which a hexadecimal digest and a name are not.
fn has_secrets_shape(run: &str) -> bool {
    let plain = percent_encoding::percent_decode_str(run).decode_utf8_lossy();
    let letters = plain.trim_end_matches('=');
    let long_enough = match letters.chars().count() {
        // Standard base64, and not the end of an ARN.
        SECRET_KEY_LENGTH => {
            !letters.contains(['-', '_']) && !RESOURCES.iter().any(|of| letters.starts_with(of))
        }
        length => length >= SHORTEST_SESSION_TOKEN,
    };
    let any = |test: fn(&char) -> bool| letters.chars().any(|c| test(&c));
    long_enough
        && any(char::is_ascii_uppercase)
        && any(char::is_ascii_lowercase)
        && any(char::is_ascii_digit)
}

/// A pattern of this file; one that does not compile would match nothing, and the tests would fail.
fn pattern(text: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
    Regex::new(text).expect("a constant pattern")
}

/// A PEM private key, whole or cut.
static PRIVATE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)")
});

/// A JSON Web Token: its header is base64url of text that begins with `{` and a quote, a space or a
/// line feed, so of `eyI`… `eyL`, `eyA`… or `ewo`…; a payload follows, and mostly a signature.
static WEB_TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:ey[A-DI-L]|ew[k-r0-3])[A-Za-z0-9_-]{5,}(?:(?:\.|%2[eE])[A-Za-z0-9_-]{2,})(?:(?:\.|%2[eE])[A-Za-z0-9_-]*)*",
    )
});

/// `NAME=value`, `"name": "value"`, `<Name>value`: the names that AWS gives to secrets.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i)((?:secret[-_]?access[-_]?key|session[-_]?token|security[-_]?token|"#,
        r#"web[-_]?identity[-_]?token|x-amz-signature|client[-_]?secret|password|"#,
        r#"aws4-hmac-sha256[^\n]{0,400}?signature)(?:=|%3D|\\?"\s*[:=]\s*\\?"|>)|"#,
        r#"\bbearer\s+|\bx-amz-security-token:\s*)[^\s"'&<,;}\\\[]{4,}"#,
    ))
});

/// Base64, or base64 as a form has it.
static BASE64_RUN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:[A-Za-z0-9+/_-]|%2[BbFf]){40,}(?:=|%3[Dd]){0,2}"));

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2EifQ.c2lnbmF0dXJl";

    #[test]
    fn secrets_are_hidden_however_they_are_spelt() {
        for (message, secrets, shown) in [
            (
                "Value 'a.b.c' at 'webIdentityToken'",
                &["a.b.c"][..],
                "Value '[hidden]' at 'webIdentityToken'",
            ),
            ("token:x/y+z= and X=x%2Fy%2Bz%3D", &["x/y+z="], "token:[hidden] and X=[hidden]"),
            (
                "twice x%252Fy, small x%2fy, JSON x\\/y",
                &["x/y?"],
                "twice x%252Fy, small x%2fy, JSON x\\/y",
            ),
            (
                "twice x%252Fyz, small x%2fyz, JSON x\\/yz",
                &["x/yz"],
                "twice [hidden], small [hidden], JSON [hidden]",
            ),
            ("two: key1 key2", &["key1", "key2"], "two: [hidden] [hidden]"),
            ("nothing of it", &["a.b.c"], "nothing of it"),
            ("an empty or tiny secret", &["", "a"], "an empty or tiny secret"),
        ] {
            assert_eq!(redact(message, secrets), shown);
        }
    }

    #[test]
    fn secrets_are_hidden_by_their_shape() {
        let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let session = format!("IQoJb3JpZ2luX2VjE{}==", "aB3/+x".repeat(40));
        let form = session.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nabc\n-----END PRIVATE KEY-----";
        let spaced = "eyAiYWxnIjogIlJTMjU2IiB9.eyAic3ViIjogImEiIH0.c2ln";
        for secret in [TOKEN, key, &session, &form, pem, spaced] {
            for text in [
                secret.to_owned(),
                format!("before {secret} after"),
                format!("'{secret}'"),
                format!("RoleArn={secret}&X=1"),
                format!("{{\"k\":\"{secret}\"}}"),
                format!("<a>{secret}</a>"),
            ] {
                let shown = redact(&text, &[]);
                assert!(!shown.contains(&secret[3..20]), "{text}: {shown}");
                assert!(shown.contains(HIDDEN));
            }
        }
        let cut = TOKEN.rsplit_once('.').unwrap().0;
        assert_eq!(redact(cut, &[]), HIDDEN, "a token without its signature");
    }

    #[test]
    fn secrets_are_hidden_by_the_name_beside_them() {
        for (text, shown) in [
            ("SecretAccessKey=abcd1234&x=1", "SecretAccessKey=[hidden]&x=1"),
            (r#"{"SessionToken": "abcd"}"#, r#"{"SessionToken": "[hidden]"}"#),
            (
                "<SecretAccessKey>abcd</SecretAccessKey>",
                "<SecretAccessKey>[hidden]</SecretAccessKey>",
            ),
            ("WebIdentityToken=a.b.c&x=1", "WebIdentityToken=[hidden]&x=1"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
            ("x-amz-security-token:abcdef\n", "x-amz-security-token:[hidden]\n"),
            ("X-Amz-Signature=0a1b2c&y", "X-Amz-Signature=[hidden]&y"),
            (
                "AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, Signature=0a1b",
                "AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, Signature=[hidden]",
            ),
        ] {
            assert_eq!(redact(text, &[]), shown);
        }
    }

    /// What is looked at first leaves out nothing that the patterns would find.
    #[test]
    fn no_secret_is_passed_over_by_the_first_look() {
        let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let other = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEK3Y";
        let pem = "-----BEGIN RSA PRIVATE KEY-----";
        let escaped = other.replace('/', "%2F");
        let bearers = ["Bearer\u{a0}abcdef", "bearer\nabcdef", "BEARER\u{2003}abcdef"];
        let named =
            ["password%3Dabcd", "X-AMZ-SECURITY-TOKEN:abcd", "<Password>abcd", "password=abcd"];
        let secrets = [TOKEN, key, other, pem, &escaped, "ewogICJhbGciOiJSUzI1NiJ9.eyJh.c2ln"];
        for secret in secrets.into_iter().chain(bearers).chain(named) {
            for text in [secret.to_owned(), format!("é {secret}"), format!("({secret})\n")] {
                assert!(redact(&text, &[]).contains(HIDDEN), "{text:?}");
            }
        }
    }

    #[test]
    fn text_to_be_shown_has_no_secret_no_control_character_and_an_end() {
        let shown = displayable(&format!("a\u{1b}[2J\nforged {TOKEN}"), &[], 100);
        assert_eq!(shown, "a\\u{1b}[2J\\nforged [hidden]");
        let across = displayable(&format!("{}the-secret", "x".repeat(96)), &["the-secret"], 100);
        assert!(!across.contains("the-"), "a secret across the cut is hidden first: {across}");
        assert_eq!(displayable(&"é".repeat(5_000), &[], 100).chars().count(), 101);
        let tokens = format!("{TOKEN} ").repeat(2_000) + &"s3cretS3CRET".repeat(100);
        assert!(!displayable(&tokens, &["s3cretS3CRETs3cret"], 100_000).contains("s3cret"));
        assert_eq!(displayable(&"x".repeat(100_000), &[], 10), "…");
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            "arn:aws:iam::111111111111:role/team/payments/ApplicationDeployment",
            "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
            "https://x.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE/.well-known/openid-configuration",
            "arn:aws:iam::111111111111:role/Team1/ApplicationDeploymentRoleABCD",
            "9e99a48a9960b14926bb7f3b02e22da2b0ab7280",
            "sha256 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            "system:serviceaccount:causely:causely-mediator",
            "1 validation error detected: Value at 'webIdentityToken' failed",
            "eyes.example.com, ewes.example.org, eyJ alone",
            "AIDACKCEVSQ6C2EXAMPLE AKIAIOSFODNN7EXAMPLE",
            "the session token is expired; password must be set",
        ] {
            assert_eq!(redact(text, &[]), text);
        }
    }
}
