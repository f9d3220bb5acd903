//! Actions without a resource type that are asked for on an ARN all the same.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::Request;
use crate::prefix_index::with_lower;

const FILE: &str = include_str!("../../resources/listings.txt");

/// The ARN that a service asks for where a request names none, but `*`.
pub(crate) fn resource_of(request: &Request) -> Option<String> {
    if request.resource != "*" {
        return None;
    }
    let arn = form_of(&request.action)?;
    let owner = request.resource_account.or_else(|| request.principal.account());
    let account = owner.map(|id| id.to_string());
    let region = request.context.get("aws:RequestedRegion").and_then(|values| values.only());
    let name = request.principal.name();
    let partition = name.strip_prefix("arn:").and_then(|rest| rest.split(':').next());
    // What is not known stands as the star that the request has in its place.
    let arn = arn
        .replace("${Partition}", partition.unwrap_or("aws"))
        .replace("${Region}", region.unwrap_or("*"))
        .replace("${Account}", account.as_deref().unwrap_or("*"));
    Some(arn)
}

/// The form of that ARN, by the action in any case.
pub(crate) fn form_of(action: &str) -> Option<&'static str> {
    with_lower(action, |lower| known().get(lower).copied())
}

/// By their action in lower case.
fn known() -> &'static HashMap<String, &'static str> {
    static KNOWN: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let lines = FILE.lines().filter(|line| !line.starts_with('#'));
        let read = |line: &'static str| line.split_once(' ');
        lines.filter_map(read).map(|(action, arn)| (action.to_ascii_lowercase(), arn)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions;

    #[test]
    fn each_of_them_is_listed_without_a_type() {
        for action in known().keys() {
            let (service, name) = action.split_once(':').unwrap();
            let service = actions::service(service).unwrap();
            let [found] = service.matching(name)[..] else { panic!("{action}") };
            assert!(service.has_no_type(found), "{action}");
        }
    }
}
