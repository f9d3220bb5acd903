//! Who a caller is, whose an access key is, and what an encoded message says.

use attache_aws_protocol::ServiceError;
use attache_ledger::MasterKey;
use serde_json::{Value, json};

use super::inputs::{DecodeAuthorizationMessage, GetAccessKeyInfo};
use crate::access::{Caller, message};
use crate::ids::account_of;

/// `GetCallerIdentity`.
pub(super) fn caller_identity(caller: &Caller) -> Value {
    json!({"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn})
}

/// `DecodeAuthorizationMessage`.
pub(super) fn authorization_message(
    key: &MasterKey,
    caller: &Caller,
    input: &DecodeAuthorizationMessage<'_>,
) -> Result<Value, ServiceError> {
    match message::decode(key, caller.account, input.encoded_message) {
        Some(message) => Ok(json!({"DecodedMessage": message})),
        None => {
            let (code, message) = ("InvalidAuthorizationMessageException", "Message is not valid.");
            Err(ServiceError::new(400, code, message))
        }
    }
}

/// `GetAccessKeyInfo`: an access key id names its account, whether or not the key exists.
pub(super) fn access_key_info(input: &GetAccessKeyInfo<'_>) -> Result<Value, ServiceError> {
    match account_of(input.access_key_id) {
        Some(account) => Ok(json!({"Account": account})),
        None => {
            let message = "The AccessKeyId provided is invalid.";
            Err(ServiceError::new(403, "InvalidClientTokenId", message))
        }
    }
}
