//! Answers of IAM and STS are taken whole or not at all.
//!
//! The SDK's XML reader recovers in silence from a document that ends early: what it has read so far
//! is the answer, and a list that was cut is a shorter list. It takes a missing `IsTruncated` for
//! `false`, and checks nothing of an answer without output. So every answer with success is read a
//! second time here, and one that is not the operation's own and whole is an error.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

/// What a list must have, by its operation.
struct List {
    operation: &'static str,
    /// The element that is there even when the list is empty; none where one answer has several.
    items: Option<&'static str>,
    /// Whether it comes in pages: then `IsTruncated` is there.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html#API_ListRoles_ResponseElements>
    pages: bool,
}

/// Every list that this crate reads.
const LISTS: [List; 7] = [
    List { operation: "ListRoles", items: Some("Roles"), pages: true },
    List { operation: "ListAttachedRolePolicies", items: Some("AttachedPolicies"), pages: true },
    List { operation: "ListRolePolicies", items: Some("PolicyNames"), pages: true },
    List { operation: "ListInstanceProfilesForRole", items: Some("InstanceProfiles"), pages: true },
    List { operation: "ListPolicies", items: Some("Policies"), pages: true },
    List { operation: "GetAccountAuthorizationDetails", items: None, pages: true },
    List {
        operation: "ListOpenIDConnectProviders",
        items: Some("OpenIDConnectProviderList"),
        pages: false,
    },
];

/// Refuses an answer with success that is not whole.
#[derive(Debug)]
pub(crate) struct WholeAnswers;

impl Intercept for WholeAnswers {
    fn name(&self) -> &'static str {
        "WholeAnswers"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if !response.status().is_success() {
            return Ok(());
        }
        let operation = config.load::<Metadata>().map(Metadata::name).unwrap_or_default();
        let body = response.body().bytes().unwrap_or_default();
        check(operation, body).map_err(|why| {
            let status = response.status().as_u16();
            format!("the answer (HTTP {status}) is not a whole answer to {operation}: {why}").into()
        })
    }
}

/// Why the body is not the whole answer to the operation.
#[derive(Debug, thiserror::Error)]
enum NotWhole {
    #[error("expected XML, found an empty body")]
    EmptyBody,
    #[error("it is not UTF-8 text")]
    NotUtf8(#[source] std::str::Utf8Error),
    #[error("expected whole XML: {0}")]
    NotXml(#[source] attache_aws_protocol::WireError),
    #[error("expected <{expected}>, found <{found}>")]
    OtherAnswer { expected: String, found: String },
    #[error("expected <{0}>, which is missing")]
    Missing(String),
    #[error("it says that there are more pages, and has no <Marker> to ask for them")]
    NoMarker,
    #[error("expected <IsTruncated> with true or false, which is missing")]
    NoIsTruncated,
}

/// Looks at the whole body.
fn check(operation: &str, body: &[u8]) -> Result<(), NotWhole> {
    if body.is_empty() {
        return Err(NotWhole::EmptyBody);
    }
    let text = std::str::from_utf8(body).map_err(NotWhole::NotUtf8)?;
    let document = attache_aws_protocol::xml::parse(text).map_err(NotWhole::NotXml)?;
    let expected = format!("{operation}Response");
    if document.root != expected {
        return Err(NotWhole::OtherAnswer { expected, found: document.root });
    }
    let Some(list) = LISTS.iter().find(|list| list.operation == operation) else { return Ok(()) };
    let result = format!("{operation}Result");
    let Some(content) = document.content.get(&result) else {
        return Err(NotWhole::Missing(result));
    };
    if let Some(items) = list.items.filter(|items| content.get(items).is_none()) {
        return Err(NotWhole::Missing(items.to_owned()));
    }
    if list.pages { pages(content) } else { Ok(()) }
}

fn pages(content: &Value) -> Result<(), NotWhole> {
    let marker = content.get("Marker").and_then(Value::as_str).unwrap_or_default();
    match content.get("IsTruncated").and_then(Value::as_str).map(str::trim) {
        Some("true") if marker.is_empty() => Err(NotWhole::NoMarker),
        Some("true" | "false") => Ok(()),
        _ => Err(NotWhole::NoIsTruncated),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    fn list(inside: &str) -> String {
        format!(
            "<ListRolesResponse xmlns=\"x\"><ListRolesResult>{inside}</ListRolesResult></ListRolesResponse>"
        )
    }

    #[test]
    fn only_a_whole_answer_is_an_answer() {
        let whole = list("<Roles/><IsTruncated>false</IsTruncated>");
        let cases = [
            ("whole", whole.clone(), None),
            (
                "cut behind the list",
                whole.replace("</ListRolesResult></ListRolesResponse>", ""),
                Some("never closed"),
            ),
            (
                "cut before the last element",
                whole.replace("</ListRolesResponse>", ""),
                Some("never closed"),
            ),
            (
                "cut in a tag",
                whole.replace("Response>", "Resp").replacen(
                    "ListRolesResp",
                    "ListRolesResponse",
                    1,
                ),
                Some("whole XML"),
            ),
            ("empty", String::new(), Some("empty body")),
            ("JSON", "{\"message\":\"maintenance\"}".to_owned(), Some("whole XML")),
            ("a page of HTML", "<html><body>down</body></html>".to_owned(), Some("found <html>")),
            ("another operation's", "<ListUsersResponse/>".to_owned(), Some("<ListRolesResponse>")),
            ("without its result", "<ListRolesResponse/>".to_owned(), Some("<ListRolesResult>")),
            ("without the list", list("<IsTruncated>false</IsTruncated>"), Some("<Roles>")),
            ("without IsTruncated", list("<Roles/>"), Some("<IsTruncated>")),
            ("IsTruncated without a word", list("<Roles/><IsTruncated/>"), Some("<IsTruncated>")),
            (
                "truncated without a marker",
                list("<Roles/><IsTruncated>true</IsTruncated>"),
                Some("<Marker>"),
            ),
            (
                "truncated with an empty marker",
                list("<Roles/><IsTruncated>true</IsTruncated><Marker/>"),
                Some("<Marker>"),
            ),
            (
                "truncated with a marker",
                list("<Roles/><IsTruncated>true</IsTruncated><Marker>m</Marker>"),
                None,
            ),
        ];
        for (name, body, wanted) in cases {
            let got = check("ListRoles", body.as_bytes());
            match wanted {
                None => assert!(got.is_ok(), "{name}: {got:?}"),
                Some(part) => {
                    assert!(
                        got.as_ref().is_err_and(|why| why.to_string().contains(part)),
                        "{name}: {got:?}"
                    );
                }
            }
        }
        assert!(check("DetachRolePolicy", b"").is_err(), "an answer without output has a body too");
        assert!(check("DetachRolePolicy", b"<DetachRolePolicyResponse/>").is_ok());
    }
}
