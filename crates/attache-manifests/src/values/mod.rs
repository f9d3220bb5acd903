//! Helm values: the service account's annotations and `scrapers.aws`.

mod declared;
mod keys;
mod shape;

use std::ops::Range;

use attache_identifiers::{Region, RoleArn};

pub use declared::DeclaredAccount;

use crate::objects::{MAX_DOCUMENTS, too_many};
use crate::secrets::region;
use crate::tree::{Excerpts, Member, Node, Value, documents};
use crate::{File, Invalid, ManifestError, SwitchedOff, TextFile};
use shape::Document;

/// What the values annotate the mediator's service account with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceAccount {
    /// The role in the cluster's own account, `eks.amazonaws.com/role-arn`.
    pub role: Option<RoleArn>,
    /// The audience of its tokens, `eks.amazonaws.com/audience`.
    pub audience: Option<String>,
}

/// What one file of values says.
pub(crate) struct Values<'f> {
    pub(crate) file: File<'f>,
    pub(crate) service_account: ServiceAccount,
    pub(crate) accounts: Vec<Entry>,
    pub(crate) regions: Vec<Region>,
    pub(crate) switched_off: Option<SwitchedOff>,
    roots: Vec<Node>,
}

/// One entry of `scrapers.aws.accounts`.
pub(crate) struct Entry {
    pub(crate) declared: DeclaredAccount,
    pub(crate) secret: String,
    /// The position of the Secret's name.
    pub(crate) secret_at: Range<usize>,
}

pub(crate) const ROLE_ANNOTATION: &str = "eks.amazonaws.com/role-arn";
const AUDIENCE: &str = "eks.amazonaws.com/audience";

impl<'f> Values<'f> {
    /// Reads a file of values.
    pub(crate) fn read(text: &'f TextFile) -> Result<Self, ManifestError> {
        let file = text.file();
        let mut roots = Vec::new();
        documents(file, Excerpts::Shown, |root| {
            if roots.len() == MAX_DOCUMENTS {
                return Err(too_many(file, &root));
            }
            roots.push(root);
            Ok(())
        })?;
        let mut values = Self {
            file,
            service_account: ServiceAccount::default(),
            accounts: Vec::new(),
            regions: Vec::new(),
            switched_off: None,
            roots: Vec::new(),
        };
        let document = Document { file, roots: &roots };
        roots.iter().try_for_each(|root| values.add(document, root))?;
        if values.accounts.is_empty() && values.switched_off.is_none() {
            let scrapers = roots.iter().find_map(|root| root.member("scrapers"));
            let at = scrapers.map_or(0..0, Member::key_at);
            let message = "there is no account under `scrapers.aws.accounts`";
            let help = "list at least one account with its `arn` and `secretName`".to_owned();
            return Err(ManifestError::NoAccount(document.wrong(at, message, help)));
        }
        Ok(Self { roots, ..values })
    }

    /// An error about a place in the file.
    pub(crate) fn wrong(&self, at: Range<usize>, message: String, help: String) -> Invalid {
        Document { file: self.file, roots: &self.roots }.wrong(at, message, help)
    }

    /// Adds what a document says.
    fn add(&mut self, document: Document<'_>, root: &Node) -> Result<(), ManifestError> {
        document.map(root, "values")?;
        document.misspelt(root, &["mediator", "scrapers"])?;
        if let Some(mediator) = document.optional_map(root, "mediator")? {
            document.misspelt(mediator, &["serviceAccountAnnotations"])?;
            if let Some(annotations) =
                document.optional_map(mediator, "serviceAccountAnnotations")?
            {
                self.annotations(document, annotations)?;
            }
        }
        if let Some(scrapers) = document.optional_map(root, "scrapers")? {
            document.misspelt(scrapers, &["aws"])?;
            if let Some(aws) = document.optional_map(scrapers, "aws")? {
                self.aws(document, aws)?;
            }
        }
        Ok(())
    }

    fn annotations(
        &mut self,
        document: Document<'_>,
        annotations: &Node,
    ) -> Result<(), ManifestError> {
        document.misspelt_annotation(annotations, &[ROLE_ANNOTATION, AUDIENCE])?;
        if let Some((role, node)) = document.optional_text(annotations, ROLE_ANNOTATION)? {
            let role = RoleArn::parse(role).map_err(|error| {
                let message = format!("expected a role's ARN, found `{role}`");
                ManifestError::NotARole(document.wrong(node.at(), message, error.why))
            })?;
            self.service_account.role.get_or_insert(role);
        }
        if let Some((audience, _)) = document.optional_text(annotations, AUDIENCE)? {
            self.service_account.audience.get_or_insert_with(|| audience.to_owned());
        }
        Ok(())
    }

    fn aws(&mut self, document: Document<'_>, aws: &Node) -> Result<(), ManifestError> {
        document.known(aws, &["enabled", "accounts", "regions"], "")?;
        if let Some((false, node)) = document.optional_bool(aws, "enabled")? {
            self.switched_off = Some(SwitchedOff::at(self.file, node.at().start));
            return Ok(());
        }
        for entry in document.optional_list(aws, "accounts")? {
            self.accounts.push(account(document, entry)?);
        }
        for given in document.optional_list(aws, "regions")? {
            let text = document.text(given)?;
            let read = region::parse(text).map_err(|refused| {
                let message =
                    format!("`scrapers.aws.regions`: expected a region, {}", refused.found);
                ManifestError::NotARegion(document.wrong(given.at(), message, refused.help))
            });
            self.regions.push(read?);
        }
        Ok(())
    }
}

fn account(document: Document<'_>, entry: &Node) -> Result<Entry, ManifestError> {
    document.map(entry, "an account's `arn` and `secretName`")?;
    let help = "an account has `arn` and `secretName`; regions go into `scrapers.aws.regions`, or \
                into the Secret's AWS_REGION";
    document.known(entry, &["arn", "secretName"], help)?;
    let arn = document.required(entry, "arn")?;
    let text = match arn.value {
        // An account's number without quotes.
        Value::Number => document.raw(arn),
        _ => document.text(arn)?,
    };
    let declared = DeclaredAccount::parse(text).map_err(|refused| {
        let message = format!("expected the ARN of an account, found {}", refused.found);
        ManifestError::NotAnAccount(document.wrong(arn.at(), message, refused.help))
    })?;
    let secret = document.required(entry, "secretName")?;
    let name = document.text(secret)?;
    Ok(Entry { declared, secret: name.to_owned(), secret_at: secret.at() })
}
