//! Who a caller is, and whose an access key is. Neither needs a permission.

use serde_json::{Value, json};
use wire::ServiceError;

use crate::access::Caller;
use crate::ids::account_of;
use crate::shape::Input;

/// `GetCallerIdentity`.
pub(crate) fn caller_identity(caller: &Caller) -> Value {
    json!({"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn})
}

/// `GetAccessKeyInfo`: an access key id names its account, whether or not the key exists.
pub(crate) fn access_key_info(input: Input<'_>) -> Result<Value, ServiceError> {
    match account_of(input.text("AccessKeyId")) {
        Some(account) => Ok(json!({"Account": account})),
        None => {
            let message = "The AccessKeyId provided is invalid.";
            Err(ServiceError::new(403, "InvalidClientTokenId", message))
        }
    }
}
