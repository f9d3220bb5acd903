//! What a Secret says: the role to assume, and the region.

use attache_identifiers::{Arn, Region, RoleArn};

use crate::secrets::content::{Content, described};
use crate::secrets::keys::{REGION, ROLE, long_lived, meant_as_region, meant_as_role};
use crate::secrets::origin::{Entry, Origin};
use crate::secrets::region;
use crate::{Invalid, ManifestError, Warning};

/// What a Secret says about an account.
pub(crate) struct Role {
    pub(crate) role: RoleArn,
    pub(crate) region: Option<Region>,
    pub(crate) namespace: Option<String>,
    pub(crate) warnings: Vec<Warning>,
}

/// Reads the entries of the Secret with this name.
pub(super) fn read(
    name: &str,
    namespace: Option<&str>,
    entries: &[Entry],
    origin: &Origin<'_>,
) -> Result<Role, ManifestError> {
    let get = |key: &str| entries.iter().find(|entry| entry.key == key);
    let keys = long_lived(entries);
    let Some(role) = get(ROLE) else { return Err(no_role(name, entries, &keys, origin)) };
    let role = role_arn(name, role, origin)?;
    let region = match get(REGION) {
        Some(entry) => Some(the_region(name, entry, origin)?),
        None => {
            if let Some(entry) = meant_as_region(entries) {
                return Err(ManifestError::UnknownKey(misspelt(name, entry, REGION, origin)));
            }
            None
        }
    };
    let warnings = match keys.as_slice() {
        [] => Vec::new(),
        keys => vec![Warning::long_lived_keys(name, namespace, keys)],
    };
    Ok(Role { role, region, namespace: namespace.map(str::to_owned), warnings })
}

/// The error of a Secret without a region, where nothing else names one.
pub(super) fn no_region(name: &str, origin: &Origin<'_>) -> ManifestError {
    let message = format!("the Secret `{name}` has no `{REGION}`, and nothing else names a region");
    let help = format!(
        "add `{REGION}: us-east-1` to the Secret, list regions under `scrapers.aws.regions`, or \
         give --regions us-east-1"
    );
    ManifestError::NoRegion(origin.wrong(message, help))
}

/// The error at the key that was probably meant, else at the Secret's name.
fn no_role(name: &str, entries: &[Entry], keys: &[&str], origin: &Origin<'_>) -> ManifestError {
    if let Some(entry) = meant_as_role(entries) {
        return ManifestError::UnknownKey(misspelt(name, entry, ROLE, origin));
    }
    let message = format!("the Secret `{name}` has no `{ROLE}`");
    let add = format!("add `{ROLE}: arn:aws:iam::ACCOUNT:role/NAME` to it");
    let help = match keys {
        [] => add,
        keys => {
            format!("{add}, and remove the long-lived keys that it holds ({})", keys.join(", "))
        }
    };
    ManifestError::NoRole(origin.wrong(message, help))
}

fn misspelt(name: &str, entry: &Entry, meant: &str, origin: &Origin<'_>) -> Invalid {
    let message = format!("the Secret `{name}` has no `{meant}`, but `{}`", entry.key);
    origin.wrong_key(entry, message, format!("did you mean `{meant}`?"))
}

fn role_arn(name: &str, entry: &Entry, origin: &Origin<'_>) -> Result<RoleArn, ManifestError> {
    let expected = format!("`{ROLE}` of the Secret `{name}`: expected a role's ARN");
    let shape = "write arn:aws:iam::ACCOUNT:role/NAME";
    let text = text(entry, &expected, origin)?;
    RoleArn::parse(text).map_err(|error| {
        // An ARN is a name, not a secret.
        let arn = Arn::parse(text).ok().filter(|_| !text.contains(char::is_whitespace));
        let (found, help) = match &arn {
            Some(arn) => (format!("`{arn}`"), error.why),
            None => {
                let (what, more) = described(text);
                (what.to_owned(), more.unwrap_or(shape).to_owned())
            }
        };
        let message = format!("{expected}, found {found}");
        ManifestError::NotARole(origin.wrong_value(entry, message, help, arn.is_some()))
    })
}

fn the_region(name: &str, entry: &Entry, origin: &Origin<'_>) -> Result<Region, ManifestError> {
    let expected = format!("`{REGION}` of the Secret `{name}`: expected a region");
    let text = text(entry, &expected, origin)?;
    region::parse(text).map_err(|refused| {
        let message = format!("{expected}, {}", refused.found);
        let invalid = origin.wrong_value(entry, message, refused.help, refused.harmless);
        ManifestError::NotARegion(invalid)
    })
}

/// The text of an entry that is read.
fn text<'e>(
    entry: &'e Entry,
    expected: &str,
    origin: &Origin<'_>,
) -> Result<&'e str, ManifestError> {
    let (found, help) = match &entry.content {
        Content::Text(_) => return Ok(entry.content.text().unwrap_or_default()),
        Content::Binary => ("bytes that are not text", "encode the text with `base64`"),
        Content::NotBase64 => {
            ("what is not base64", "put plain text under `stringData`, or encode it with `base64`")
        }
        Content::Other(what) => (*what, "put it into quotes"),
    };
    let message = format!("{expected}, found {found}");
    Err(ManifestError::Value(origin.wrong_value(entry, message, help.to_owned(), false)))
}
