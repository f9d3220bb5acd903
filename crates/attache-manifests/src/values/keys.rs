//! Unknown keys.
//!
//! A chart's values have many keys that are not ours, so an unknown one is not a mistake by itself.
//! One that is a typing error for a key of ours is: it would be ignored silently. Below `scrapers.aws`
//! every key is ours.

use super::shape::Document;
use crate::suggestion::{is_slip, nearest};
use crate::tree::Node;
use crate::{ManifestError, suggestion};

/// AWS's other annotations, which the values may have and which are not read.
/// Source: <https://github.com/aws/amazon-eks-pod-identity-webhook#usage>.
const OTHER_ANNOTATIONS: [&str; 3] =
    ["token-expiration", "sts-regional-endpoints", "skip-containers"];

/// What EKS's annotations begin with.
const ANNOTATIONS_OF: &str = "eks.amazonaws.com";

impl Document<'_> {
    /// Refuses keys of a mapping that are typing errors for a known key that is missing from it.
    pub(super) fn misspelt(&self, map: &Node, known: &[&str]) -> Result<(), ManifestError> {
        self.unlike(map, known, is_slip)
    }

    /// The same for the service account's annotations, which all begin alike.
    pub(super) fn misspelt_annotation(
        &self,
        map: &Node,
        known: &[&str],
    ) -> Result<(), ManifestError> {
        self.unlike(map, known, |given, known| {
            let (of, name) = given.split_once('/').unwrap_or(("", given));
            let (_, wanted) = known.split_once('/').unwrap_or(("", known));
            let other = of == ANNOTATIONS_OF && OTHER_ANNOTATIONS.contains(&name);
            !other && is_slip(name, wanted) && (of.is_empty() || is_slip(of, ANNOTATIONS_OF))
        })
    }

    fn unlike(
        &self,
        map: &Node,
        known: &[&str],
        is_slip: impl Fn(&str, &str) -> bool,
    ) -> Result<(), ManifestError> {
        let missing: Vec<&str> =
            known.iter().copied().filter(|key| map.get(key).is_none()).collect();
        for member in map.members().iter().filter(|m| !known.contains(&m.key.as_str())) {
            if let Some(meant) = missing.iter().find(|known| is_slip(&member.key, known)) {
                let message = format!("unknown key `{}`", member.key);
                let help = format!("did you mean `{meant}`?");
                return Err(ManifestError::UnknownKey(self.wrong(member.key_at(), message, help)));
            }
        }
        Ok(())
    }

    /// Refuses every key of a mapping that is not known. `else_help` is said of one that resembles
    /// none.
    pub(super) fn known(
        &self,
        map: &Node,
        known: &[&str],
        else_help: &str,
    ) -> Result<(), ManifestError> {
        let unknown = |key: &str| !known.contains(&key);
        let Some(member) = map.members().iter().find(|member| unknown(&member.key)) else {
            return Ok(());
        };
        let near = nearest(&member.key, known.iter().copied());
        let help = match (near, else_help) {
            (Some(_), _) | (None, "") => suggestion(&member.key, known),
            (None, help) => help.to_owned(),
        };
        let message = format!("unknown key `{}`", member.key);
        Err(ManifestError::UnknownKey(self.wrong(member.key_at(), message, help)))
    }
}
