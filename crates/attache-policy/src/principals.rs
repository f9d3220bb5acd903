//! Whom a policy's statements name under `"AWS"`.

use std::ops::Range;

use crate::Policy;
use crate::syntax::{PrincipalKind, Text};

impl Policy {
    /// What `Principal` and `NotPrincipal` have under `"AWS"`, in the order of the text: account
    /// numbers, ARNs, unique ids, `*`. One that is named twice comes twice.
    pub fn aws_principals(&self) -> impl Iterator<Item = &str> {
        self.places_of_principals().map(|(_, name)| name)
    }

    /// The policy's text with another name in place of a principal under `"AWS"`; nothing where it
    /// does not name that. IAM does this when a role is deleted that a trust policy names: its unique
    /// id takes the ARN's place.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>.
    #[must_use]
    pub fn with_aws_principal(&self, old: &str, new: &str) -> Option<String> {
        let mut text = self.text().to_owned();
        let places: Vec<Range<usize>> = self
            .places_of_principals()
            .filter(|(_, name)| *name == old)
            .map(|(at, _)| at.clone())
            .collect();
        if places.is_empty() {
            return None;
        }
        // A JSON string of what needs no escape is itself between quotes.
        for at in places.into_iter().rev() {
            text.replace_range(at, &format!("\"{new}\""));
        }
        Some(text)
    }

    /// What they have under `"Federated"`: the ARNs of OIDC and SAML providers, and the domains of
    /// those that need none.
    pub fn federated_principals(&self) -> impl Iterator<Item = &str> {
        self.principals_of(PrincipalKind::Federated).map(|text| text.text.as_str())
    }

    fn places_of_principals(&self) -> impl Iterator<Item = (&Range<usize>, &str)> {
        self.principals_of(PrincipalKind::Aws).map(|text| (&text.at, text.text.as_str()))
    }

    fn principals_of(&self, wanted: PrincipalKind) -> impl Iterator<Item = &Text> {
        let statements = self.inner.statements.iter();
        let lists = statements.filter_map(|statement| statement.principal.as_ref());
        let all = lists.flat_map(|principals| &principals.list);
        all.filter(move |(kind, _)| *kind == wanted).map(|(_, text)| text)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Kind, Policy};

    const ANN: &str = "arn:aws:iam::111111111111:user/ann";

    fn trust(principal: &str) -> Policy {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
                "Principal": {principal}, "Action": "sts:AssumeRole"}}}}"#
        );
        Policy::parse(&text, Kind::Trust).unwrap()
    }

    #[test]
    fn a_principal_is_replaced_wherever_it_is_named() {
        let both = format!(r#"{{"AWS": ["{ANN}", "111111111111", "{ANN}"]}}"#);
        let policy = trust(&both);
        assert_eq!(policy.aws_principals().collect::<Vec<_>>(), [ANN, "111111111111", ANN]);
        let text = policy.with_aws_principal(ANN, "AIDAJQABLZS4A3QDU576Q").unwrap();
        let again = Policy::parse(&text, Kind::Trust).unwrap();
        let named: Vec<_> = again.aws_principals().collect();
        assert_eq!(named, ["AIDAJQABLZS4A3QDU576Q", "111111111111", "AIDAJQABLZS4A3QDU576Q"]);
    }

    #[test]
    fn others_are_left_alone() {
        for principal in [r#"{"AWS": "*"}"#.to_owned(), format!(r#"{{"Federated": "{ANN}"}}"#)] {
            let policy = trust(&principal);
            assert_eq!(
                policy.with_aws_principal(ANN, "AIDAJQABLZS4A3QDU576Q"),
                None,
                "{principal}"
            );
        }
    }
}
