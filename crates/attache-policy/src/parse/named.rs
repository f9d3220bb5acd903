//! Which of an element and its negation a statement has.

use super::document::not_both;
use super::reader::Reader;
use crate::json::Member;

/// `Action` or `NotAction`, and so on.
pub(super) struct Named<'n> {
    pub(super) member: &'n Member,
    pub(super) negated: bool,
}

/// Finds it; where a statement has both, both are reported and the plain one is read.
pub(super) fn find<'n>(
    reader: &mut Reader,
    members: &'n [Member],
    name: &'static str,
) -> Option<Named<'n>> {
    let plain = members.iter().find(|m| m.key == name);
    let negated = members.iter().find(|m| m.key.strip_prefix("Not") == Some(name));
    if let (Some(plain), Some(negated)) = (plain, negated) {
        let second = if plain.key_at.start > negated.key_at.start { plain } else { negated };
        not_both(reader, second, name);
    }
    let member = plain.or(negated)?;
    Some(Named { member, negated: plain.is_none() })
}
