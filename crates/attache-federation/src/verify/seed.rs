//! The chain as the mediator's own files tell it: Helm values and Kubernetes Secrets.
//!
//! Unknown keys are let through here, unlike in a federation file: both are other programs' files
//! and hold more than is read.

use attache_identifiers::{AccountId, Arn, Region, RoleArn};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

use crate::document::{DEFAULT_AUDIENCE, File, Invalid, yaml, yaml_documents};

use super::chain::{Chain, Claim, Leg};

const ROLE_ANNOTATION: &str = "eks.amazonaws.com/role-arn";
const AUDIENCE_ANNOTATION: &str = "eks.amazonaws.com/audience";

#[derive(Debug, Deserialize)]
struct Values {
    #[serde(default)]
    mediator: Mediator,
    scrapers: Scrapers,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Mediator {
    service_account_annotations: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Deserialize)]
struct Scrapers {
    aws: AwsScraper,
}

#[derive(Debug, Deserialize)]
struct AwsScraper {
    #[serde(default)]
    accounts: Vec<Account>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    arn: Spanned<String>,
    secret_name: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecretFile {
    kind: Spanned<String>,
    metadata: Metadata,
    #[serde(default)]
    string_data: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    data: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    name: Spanned<String>,
    namespace: Option<String>,
}

/// What a Secret says.
struct Reach {
    role: RoleArn,
    region: Region,
    namespace: Option<String>,
}

impl Chain {
    /// The chain that the mediator's files declare. Each is its name and its text.
    ///
    /// # Errors
    /// [`Invalid`] with the place, when a file is not what it should be, an account names a Secret
    /// that is not there, or a Secret holds the documents' placeholder `region-code`.
    pub fn from_values(values: (&str, &str), secrets: &[(&str, &str)]) -> Result<Self, Invalid> {
        let file = File { name: values.0, text: values.1 };
        let values: Values = yaml(file)?;
        let reaches = reaches(secrets)?;
        let mut legs = Vec::new();
        let annotations = &values.mediator.service_account_annotations;
        if let Some(annotation) = annotations.get(ROLE_ANNOTATION) {
            let role = RoleArn::parse(&annotation.value)
                .map_err(|e| file.wrong(annotation.referenced, e.to_string(), None))?;
            legs.push(Leg { role, region: None, claim: None, wanted: None });
        }
        let mut namespace = None;
        for account in &values.scrapers.aws.accounts {
            let (leg, its) = leg(file, account, &reaches)?;
            namespace = namespace.or(its);
            legs.push(leg);
        }
        // The source names no region: it is asked where the first account is.
        let first = legs.iter().find_map(|leg| leg.region.clone());
        for leg in &mut legs {
            leg.region = leg.region.take().or_else(|| first.clone());
        }
        let audience = annotations.get(AUDIENCE_ANNOTATION).map(|given| given.value.clone());
        let audience = audience.unwrap_or_else(|| DEFAULT_AUDIENCE.to_owned());
        Ok(Self { issuer: None, subject: None, namespace, audience, legs })
    }
}

fn leg(
    file: File<'_>,
    account: &Account,
    reaches: &BTreeMap<String, Reach>,
) -> Result<(Leg, Option<String>), Invalid> {
    let secret = &account.secret_name;
    let Some(reach) = reaches.get(&secret.value) else {
        let message = format!("no file has a Secret named `{}`", secret.value);
        let help = match reaches.keys().next() {
            Some(_) => {
                format!("there are: {}", reaches.keys().cloned().collect::<Vec<_>>().join(", "))
            }
            None => "give its file with --secrets".to_owned(),
        };
        return Err(file.wrong(secret.referenced, message, Some(help)));
    };
    let claim = Claim {
        arn: account.arn.value.clone(),
        account: claimed(&account.arn.value)
            .map_err(|why| file.wrong(account.arn.referenced, why, None))?,
        secret: secret.value.clone(),
    };
    let leg = Leg {
        role: reach.role.clone(),
        region: Some(reach.region.clone()),
        claim: Some(claim),
        wanted: None,
    };
    Ok((leg, reach.namespace.clone()))
}

/// The account that an ARN of the values means: the member of an organisation, or an account's own.
fn claimed(text: &str) -> Result<AccountId, String> {
    let arn = Arn::parse(text).map_err(|e| e.to_string())?;
    if arn.service() == "organizations" {
        let member = arn.resource().strip_prefix("account/").and_then(|r| r.split_once('/'));
        let (_, member) = member.ok_or_else(|| {
            format!(
                "{text:?} is no account's ARN: it must be \
                 arn:aws:organizations::MANAGEMENT:account/o-ID/ACCOUNT"
            )
        })?;
        return AccountId::parse(member).map_err(|e| e.to_string());
    }
    arn.account().ok_or_else(|| format!("{text:?} names no account"))
}

fn reaches(secrets: &[(&str, &str)]) -> Result<BTreeMap<String, Reach>, Invalid> {
    let mut reaches = BTreeMap::new();
    for (name, text) in secrets {
        let file = File { name, text };
        for secret in yaml_documents::<SecretFile>(file)? {
            if secret.kind.value != "Secret" {
                let message = format!("this is a {}, not a Secret", secret.kind.value);
                return Err(file.wrong(secret.kind.referenced, message, None));
            }
            let role = field(file, &secret, "AWS_ROLE_ARN", RoleArn::parse)?;
            let region = field(file, &secret, "AWS_REGION", Region::parse)?;
            let Metadata { name, namespace } = secret.metadata;
            let (at, name) = (name.referenced, name.value);
            if reaches.contains_key(&name) {
                return Err(file.wrong(at, format!("the Secret `{name}` is here twice"), None));
            }
            reaches.insert(name, Reach { role, region, namespace });
        }
    }
    Ok(reaches)
}

/// One entry of a Secret, in clear (`stringData`, which wins as in Kubernetes) or in base64.
fn field<T>(
    file: File<'_>,
    secret: &SecretFile,
    key: &str,
    parse: fn(&str) -> Result<T, attache_identifiers::NameError>,
) -> Result<T, Invalid> {
    let (given, text) = match (secret.string_data.get(key), secret.data.get(key)) {
        (Some(given), _) => (given, Some(given.value.clone())),
        (None, Some(given)) => {
            let bytes = STANDARD.decode(&given.value).ok();
            (given, bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
        }
        (None, None) => {
            let message = format!("the Secret `{}` has no {key}", secret.metadata.name.value);
            let help = format!("put it under stringData: {key}");
            return Err(file.wrong(secret.kind.referenced, message, Some(help)));
        }
    };
    let Some(text) = text else {
        return Err(file.wrong(given.referenced, format!("{key} is not text in base64"), None));
    };
    parse(&text).map_err(|e| file.wrong(given.referenced, format!("{key}: {e}"), None))
}
