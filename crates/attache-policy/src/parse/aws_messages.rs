//! AWS's own messages in `MalformedPolicyDocument`.
//!
//! IAM has one set for the policies of identities and another for trust policies; Organizations
//! has one sentence for everything. Services with resource policies have their own, which are not
//! included.

/// Any kind, before it is read.
pub(crate) const NOT_JSON: &str = "This policy contains invalid Json";
/// SCPs and RCPs, whatever is wrong with them.
pub(super) const ORGANIZATIONS: &str =
    "The provided policy document does not meet the requirements of the specified policy type.";

/// Identities: what the grammar does not have.
pub(crate) const SYNTAX: &str = "Syntax errors in policy.";
/// Identities: what the grammar has and IAM's first parser could not read.
pub(super) const LEGACY: &str = "The policy failed legacy parsing";
/// Managed policies without a version, or with the old one.
pub(super) const VERSION: &str = "Policy document must be version 2012-10-17 or greater.";
pub(super) const SID_ALPHABET: &str = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
pub(super) const SID_TWICE: &str = "Statement IDs (SID) in a single policy must be unique.";
pub(super) const NO_ACTIONS: &str = "Policy statement must contain actions.";
pub(super) const NO_RESOURCES: &str = "Policy statement must contain resources.";
pub(super) const NO_VENDOR: &str =
    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
pub(super) const TWO_COLONS: &str = "Actions/Condition can contain only one colon.";
pub(super) const RESOURCE_VENDOR: &str =
    "Resource vendor must be fully qualified and cannot contain regexes.";
pub(super) const IAM_PATH: &str = "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.";
pub(super) const PRINCIPAL: &str = "Policy document should not specify a principal.";

/// Trust policies.
pub(super) const TRUST_VERSION: &str = "The policy must contain a valid version string";
pub(super) const TRUST_STATEMENT: &str = "Could not parse the policy: Statement is empty!";
pub(super) const TRUST_SID_TWICE: &str = "The Statement Ids in the policy are not unique";
pub(super) const TRUST_NO_EFFECT: &str = "Missing required field Effect";
pub(super) const TRUST_NO_PRINCIPAL: &str = "Missing required field Principal";
pub(super) const TRUST_EMPTY_PRINCIPAL: &str = "Missing required field Principal cannot be empty!";
/// `"Principal": "*"`, which other policies take.
pub(super) const TRUST_ANYONE: &str =
    "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".";
pub(super) const TRUST_PRINCIPAL_TEXT: &str = "Principal must be a JSON object.";
pub(super) const ALLOW_NOT_PRINCIPAL: &str = "Allow with NotPrincipal is not allowed.";
pub(super) const TRUST_NOT_PRINCIPAL: &str =
    "AssumeRole policy must not contain NotPrincipal field.";
pub(super) const TRUST_NO_ACTION: &str = "Missing required field Action";
pub(super) const TRUST_ACTION: &str = "AssumeRole policy may only specify STS AssumeRole actions.";
pub(super) const FEDERATED: &str =
    "Federated principals must be valid domain names or SAML metadata ARNs";
pub(super) const TRUST_RESOURCE: &str = "Has prohibited field Resource";
pub(super) const TRUST_NOT_RESOURCE: &str = "AssumeRole policy must not contain resources.";
