//! The organisation that all accounts are in.

use aws_lc_rs::digest::{SHA256, digest};
use names::AccountId;
use time::OffsetDateTime;

/// The organisation. Its ids follow from its management account's number, so that a set-up which
/// is made again has the same ARNs.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) management: AccountId,
    /// `o-` and ten letters or digits.
    pub(crate) id: String,
    /// `r-` and four letters or digits.
    pub(crate) root_id: String,
    pub(crate) created: OffsetDateTime,
}

impl Organization {
    pub(super) fn managed_by(management: AccountId, created: OffsetDateTime) -> Self {
        let hash = digest(&SHA256, format!("organization of {management}").as_bytes());
        let letters: String = hash.as_ref().iter().map(|byte| letter(*byte)).collect();
        let (id, root) = letters.split_at(10);
        let root_id = format!("r-{}", root.get(..4).unwrap_or_default());
        Self { management, id: format!("o-{id}"), root_id, created }
    }

    /// The organisation's ARN.
    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:organizations::{}:organization/{}", self.management, self.id)
    }

    /// The ARN of the root of its tree.
    pub(crate) fn root_arn(&self) -> String {
        format!("arn:aws:organizations::{}:root/{}/{}", self.management, self.id, self.root_id)
    }

    /// The ARN of an account in it.
    pub(crate) fn account_arn(&self, account: AccountId) -> String {
        format!("arn:aws:organizations::{}:account/{}/{account}", self.management, self.id)
    }

    /// `o-…/r-…/`: where every account stands, for `aws:PrincipalOrgPaths`.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}/", self.id, self.root_id)
    }
}

fn letter(byte: u8) -> char {
    char::from_digit(u32::from(byte) % 36, 36).unwrap_or('0')
}
