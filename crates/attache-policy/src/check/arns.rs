//! Wildcards in an ARN where AWS reads none: in its service, and in a resource's type.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.

use super::{Found, Level, LintRule, rule};
use crate::Policy;
use crate::actions;
use crate::syntax::Text;

const IN_SERVICE: LintRule =
    rule("wildcard-in-service", Level::Warning, "A wildcard is in an ARN's service")
        .same_as("ERROR INVALID_SERVICE");
const IN_TYPE: LintRule =
    rule("wildcard-in-type", Level::Warning, "A wildcard is in an ARN's resource type")
        .same_as("ERROR INVALID_ARN_RESOURCE");

pub(super) const RULES: &[LintRule] = &[IN_SERVICE, IN_TYPE];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    for resources in policy.inner.statements.iter().filter_map(|own| own.resources.as_ref()) {
        resources.list.iter().for_each(|text| of_one(text, found));
    }
}

fn of_one(text: &Text, found: &mut Found<'_>) {
    let mut parts = text.text.splitn(6, ':');
    let (Some("arn"), Some(_), Some(service)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let resource = parts.nth(2).unwrap_or_default();
    // With more than a star it is refused.
    if service == "*" {
        let message = "an ARN is of one service: this names what all of them have so";
        found.add(IN_SERVICE, &text.at, message, "write an ARN for each service");
        return;
    }
    // A resource that begins with its name has no type: a bucket, a queue.
    let Some(types) = actions::service(service).and_then(actions::Service::type_names) else {
        return;
    };
    let end = resource.find(['/', ':']).unwrap_or(resource.len());
    let Some(name) = resource.get(..end).filter(|name| *name != "*") else { return };
    // `instance*` without a slash is a type that may end anywhere.
    let is_open = name.contains(['*', '?']) && !name.contains('$');
    if is_open && !types.iter().any(|known| *known == name.trim_end_matches('*')) {
        let message = format!("{name} is no type of resource of {service}");
        let known: Vec<&str> = types.iter().take(5).copied().collect();
        let help = format!("write the type in full, such as {}", known.join(", "));
        found.add(IN_TYPE, &text.at, message, &help);
    }
}
