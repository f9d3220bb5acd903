//! The shapes that IAM's operations share, as botocore's model of 2010-05-08 has them.

use crate::validation::{Member, Pattern, Shape, UNLIMITED, optional, required};

/// Names of existing users, of groups and of instance profiles.
pub(super) const NAME: Shape = Shape::Text { min: 1, max: 128, pattern: Pattern::Name };
pub(super) const USER_NAME: Shape = Shape::Text { min: 1, max: 64, pattern: Pattern::Name };
pub(super) const ACCESS_KEY: Shape = Shape::Text { min: 16, max: 128, pattern: Pattern::Word };
pub(super) const ROLE_NAME: Shape = Shape::Text { min: 1, max: 64, pattern: Pattern::Name };
pub(super) const POLICY_NAME: Shape = Shape::Text { min: 1, max: 128, pattern: Pattern::Name };
pub(super) const ARN: Shape = Shape::Text { min: 20, max: 2048, pattern: Pattern::Any };
pub(super) const DOCUMENT: Shape = Shape::Text { min: 1, max: 131_072, pattern: Pattern::Document };
pub(super) const PATH: Shape = Shape::Text { min: 1, max: 512, pattern: Pattern::Path };
pub(super) const POLICY_PATH: Shape =
    Shape::Text { min: 1, max: 512, pattern: Pattern::PolicyPath };
pub(super) const PATH_PREFIX: Shape =
    Shape::Text { min: 1, max: 512, pattern: Pattern::PathPrefix };
pub(super) const DESCRIPTION: Shape =
    Shape::Text { min: 0, max: 1000, pattern: Pattern::Description };
pub(super) const POLICY_DESCRIPTION: Shape =
    Shape::Text { min: 0, max: 1000, pattern: Pattern::Any };
pub(super) const MAX_SESSION: Shape = Shape::Integer { min: 3600, max: 43_200 };
pub(super) const URL: Shape = Shape::Text { min: 1, max: 255, pattern: Pattern::Any };
pub(super) const CLIENT_ID: Shape = Shape::Text { min: 1, max: 255, pattern: Pattern::Any };
pub(super) const CLIENT_IDS: Shape = Shape::List { min: 0, max: UNLIMITED, of: &CLIENT_ID };
pub(super) const THUMBPRINT: Shape = Shape::Text { min: 40, max: 40, pattern: Pattern::Any };
pub(super) const THUMBPRINTS: Shape = Shape::List { min: 0, max: UNLIMITED, of: &THUMBPRINT };
pub(super) const VERSION_ID: Shape =
    Shape::Text { min: 0, max: UNLIMITED, pattern: Pattern::VersionId };
pub(super) const FLAG: Shape = Shape::Boolean;

const MARKER: Shape = Shape::Text { min: 1, max: 320, pattern: Pattern::Marker };
const MAX_ITEMS: Shape = Shape::Integer { min: 1, max: 1000 };
pub(super) const AT_MARKER: Member = optional("Marker", &MARKER);
pub(super) const AT_MOST: Member = optional("MaxItems", &MAX_ITEMS);

const TAG_KEY: Shape = Shape::Text { min: 1, max: 128, pattern: Pattern::TagKey };
const TAG_VALUE: Shape = Shape::Text { min: 0, max: 256, pattern: Pattern::TagValue };
const TAG: Shape = Shape::Structure(&[required("Key", &TAG_KEY), required("Value", &TAG_VALUE)]);
pub(super) const TAGS: Shape = Shape::List { min: 0, max: 50, of: &TAG };
pub(super) const TAG_KEYS: Shape = Shape::List { min: 0, max: 50, of: &TAG_KEY };
