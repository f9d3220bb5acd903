//! The AWS-managed policies that are built in: their names and dates are AWS's, their documents ours.

use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Dates, Source, abridgements};

/// Path, name and dates of each.
const LIST: &str = include_str!("built_in.txt");

/// What `GetPolicy` says about an abridgement.
const ABRIDGED: &str = "An abridgement of the AWS-managed policy of this name, over the \
    services that are served here. Not AWS's document: load that from a file.";

/// What it says about the policy of a service-linked role, which no embedded service assumes.
const STAND_IN: &str = "A stand-in for the AWS-managed policy of this name, which belongs to a \
    service-linked role. Not AWS's document: load that from a file.";

/// What a stand-in allows: a call that needs no permission.
const NOTHING: &[&str] = &["sts:GetCallerIdentity"];

/// All of them.
pub(super) fn documents() -> Vec<Source> {
    LIST.lines().filter(|line| !line.starts_with('#')).filter_map(source).collect()
}

fn source(line: &str) -> Option<Source> {
    let mut words = line.split(' ');
    let (path, name) = (words.next()?, words.next()?);
    let mut date = || OffsetDateTime::parse(words.next()?, &Rfc3339).ok();
    let dates = Dates { created: date()?, updated: date()? };
    let (description, actions) = match abridgements::actions(name) {
        Some(actions) => (ABRIDGED, actions),
        None => (STAND_IN, NOTHING.to_vec()),
    };
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
    });
    Some(Source {
        from: name.into(),
        path: path.to_owned(),
        name: name.to_owned(),
        version: 1,
        description: Some(description.to_owned()),
        dates,
        document: document.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_policy() {
        let lines = LIST.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(documents().len(), lines);
    }

    #[test]
    fn a_policy_has_awss_own_dates() {
        let all = documents();
        let found = all.iter().find(|source| source.name == "AdministratorAccess").unwrap();
        let shown = found.dates.created.format(&Rfc3339).unwrap();
        assert_eq!(shown, "2015-02-06T18:39:46Z");
    }
}
