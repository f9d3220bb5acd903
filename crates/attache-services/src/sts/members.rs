//! The inputs of STS's operations, as botocore's model of 2011-06-15 has them.

use crate::validation::{Member, Pattern, Shape, UNLIMITED, optional, required};

const ARN: Shape = Shape::Text { min: 20, max: 2048, pattern: Pattern::ArnText };
const SESSION_NAME: Shape = Shape::Text { min: 2, max: 64, pattern: Pattern::NameOrEmpty };
const POLICY: Shape = Shape::Text { min: 1, max: 2048, pattern: Pattern::Document };
const POLICY_ARN: Shape = Shape::Structure(&[optional("arn", &ARN)]);
const POLICY_ARNS: Shape = Shape::List { min: 0, max: UNLIMITED, of: &POLICY_ARN };
const DURATION: Shape = Shape::Integer { min: 900, max: 43_200 };
const SOURCE_IDENTITY: Shape = Shape::Text { min: 2, max: 256, pattern: Pattern::NameOrEmpty };
const TOKEN_SIZE: Shape = Shape::Integer { min: 0, max: 4096 };
const TAG_KEY: Shape = Shape::Text { min: 1, max: 128, pattern: Pattern::TagKey };
const TAG_VALUE: Shape = Shape::Text { min: 0, max: 256, pattern: Pattern::TagValue };
const TAG: Shape = Shape::Structure(&[required("Key", &TAG_KEY), required("Value", &TAG_VALUE)]);
const TAGS: Shape = Shape::List { min: 0, max: 50, of: &TAG };
const TAG_KEYS: Shape = Shape::List { min: 0, max: 50, of: &TAG_KEY };
const EXTERNAL_ID: Shape = Shape::Text { min: 2, max: 1224, pattern: Pattern::ExternalId };
const SERIAL_NUMBER: Shape = Shape::Text { min: 9, max: 256, pattern: Pattern::SerialNumber };
const TOKEN_CODE: Shape = Shape::Text { min: 6, max: 6, pattern: Pattern::Digits };
const TOKEN: Shape = Shape::Sensitive { min: 4, max: 20_000 };
const PROVIDER_ID: Shape = Shape::Text { min: 4, max: 2048, pattern: Pattern::Any };
const ACCESS_KEY: Shape = Shape::Text { min: 16, max: 128, pattern: Pattern::Word };

pub(super) const ASSUME_ROLE: &[Member] = &[
    required("RoleArn", &ARN),
    required("RoleSessionName", &SESSION_NAME),
    optional("PolicyArns", &POLICY_ARNS),
    optional("Policy", &POLICY),
    optional("DurationSeconds", &DURATION),
    optional("Tags", &TAGS),
    optional("TransitiveTagKeys", &TAG_KEYS),
    optional("ExternalId", &EXTERNAL_ID),
    optional("SerialNumber", &SERIAL_NUMBER),
    optional("TokenCode", &TOKEN_CODE),
    optional("SourceIdentity", &SOURCE_IDENTITY),
    optional("MinimumSessionTokenSize", &TOKEN_SIZE),
];

pub(super) const ASSUME_ROLE_WITH_WEB_IDENTITY: &[Member] = &[
    required("RoleArn", &ARN),
    required("RoleSessionName", &SESSION_NAME),
    required("WebIdentityToken", &TOKEN),
    optional("ProviderId", &PROVIDER_ID),
    optional("PolicyArns", &POLICY_ARNS),
    optional("Policy", &POLICY),
    optional("DurationSeconds", &DURATION),
    optional("MinimumSessionTokenSize", &TOKEN_SIZE),
];

const LONG_DURATION: Shape = Shape::Integer { min: 900, max: 129_600 };
const FEDERATED_NAME: Shape = Shape::Text { min: 2, max: 32, pattern: Pattern::NameOrEmpty };
const MESSAGE: Shape = Shape::Text { min: 1, max: 10_240, pattern: Pattern::Any };

pub(super) const GET_SESSION_TOKEN: &[Member] = &[
    optional("DurationSeconds", &LONG_DURATION),
    optional("SerialNumber", &SERIAL_NUMBER),
    optional("TokenCode", &TOKEN_CODE),
    optional("MinimumSessionTokenSize", &TOKEN_SIZE),
];

/// Of a session that one holds: any part of what is left of it.
const REMAINING_DURATION: Shape = Shape::Integer { min: 1, max: 129_600 };
const DESCRIPTION: Shape = Shape::Text { min: 2, max: 256, pattern: Pattern::Description };

pub(super) const GET_SCOPED_CREDENTIALS: &[Member] = &[
    optional("Policy", &POLICY),
    optional("DurationSeconds", &REMAINING_DURATION),
    optional("MinimumSessionTokenSize", &TOKEN_SIZE),
    optional("ScopedSessionDescription", &DESCRIPTION),
];

pub(super) const GET_FEDERATION_TOKEN: &[Member] = &[
    required("Name", &FEDERATED_NAME),
    optional("Policy", &POLICY),
    optional("PolicyArns", &POLICY_ARNS),
    optional("DurationSeconds", &LONG_DURATION),
    optional("Tags", &TAGS),
    optional("MinimumSessionTokenSize", &TOKEN_SIZE),
];

pub(super) const DECODE_AUTHORIZATION_MESSAGE: &[Member] = &[required("EncodedMessage", &MESSAGE)];

pub(super) const GET_ACCESS_KEY_INFO: &[Member] = &[required("AccessKeyId", &ACCESS_KEY)];
