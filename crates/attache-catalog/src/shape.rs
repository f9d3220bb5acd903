//! A catalog file's shape, key for key. Unknown keys are errors.

use serde::Deserialize;
use serde_json::Value;

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Document {
    pub(super) r#type: toml::Spanned<String>,
    pub(super) title: String,
    pub(super) call: Call,
    pub(super) page: Option<Page>,
    pub(super) item: Item,
    #[serde(default)]
    pub(super) relation: Vec<Relation>,
    pub(super) iam: Iam,
    pub(super) rate: Rate,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Call {
    pub(super) service: String,
    pub(super) signing_name: Option<String>,
    pub(super) protocol: toml::Spanned<String>,
    pub(super) operation: toml::Spanned<String>,
    pub(super) version: Option<String>,
    pub(super) target: Option<String>,
    pub(super) method: Option<toml::Spanned<String>>,
    pub(super) path: Option<toml::Spanned<String>>,
    pub(super) root: Option<String>,
    #[serde(default)]
    pub(super) input: serde_json::Map<String, Value>,
    pub(super) scope: Scope,
}

/// Whether each region answers for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Asked in every region.
    Regional,
    /// Asked once, in the Secret's region.
    Global,
}

/// How to request the next page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Page {
    /// The input's member for the token.
    pub token_in: String,
    /// The path of the next page's token in an answer.
    pub token_out: String,
    /// The input's member for the page's size; none where there is no such member.
    pub size_name: Option<String>,
    /// The page's size: AWS's largest.
    pub size: Option<u32>,
}

/// Where the resources are in an answer, and what each is called.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Item {
    /// The path of the items, from the operation's result.
    pub path: String,
    /// Whether an answer without the list is an empty one, not a broken one.
    #[serde(default)]
    pub absent_when_empty: bool,
    /// The id, unique among the type in an account and region.
    pub id: Pick,
    /// The ARN.
    pub arn: Pick,
    /// The name; without it, the tag `Name`, else nothing.
    pub name: Option<Pick>,
    /// The region, where the item says one and the call is global.
    pub region: Option<Pick>,
    /// The tags.
    pub tags: Option<Tags>,
    /// Members that are never stored.
    #[serde(default)]
    pub omit: Vec<String>,
}

/// One text of an item.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Pick {
    /// The text at a path; the empty path is the item itself.
    Path(String),
    /// What follows the last occurrence of some text at a path.
    Tail(Tail),
    /// A text with `{partition}`, `{region}`, `{account}` and `{id}` in it.
    Template(Template),
}

/// What follows the last occurrence of some text at a path.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tail {
    /// The path.
    pub path: String,
    /// The text, such as `/`.
    pub after_last: String,
}

/// A text with names in braces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Template {
    /// The text.
    pub template: String,
}

/// Where an item's tags are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tags {
    /// The path of the tags.
    pub path: String,
    /// A tag's member for its key.
    pub key: String,
    /// A tag's member for its value.
    pub value: String,
}

/// What a resource is related to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Relation {
    /// How: `in`.
    pub kind: String,
    /// The other's type.
    pub to: String,
    /// The path of the other's id or ARN.
    pub path: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Iam {
    pub(super) actions: toml::Spanned<Vec<String>>,
}

/// How often a call may be made in an account and region.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rate {
    /// The bucket's name: calls of the same bucket share it.
    pub bucket: String,
    /// Calls that may be made at once.
    pub burst: f64,
    /// Calls that may be made in a second, after that.
    pub per_second: f64,
}
