//! Who a program in a pod is, by the AWS SDK for Rust: the pod's variables and files alone say so.
//!
//! `tests/peers/webhook_chain.py` runs it with what the webhook gives a pod.

use aws_config::BehaviorVersion;

#[tokio::main]
#[allow(clippy::print_stdout)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let caller = aws_sdk_sts::Client::new(&settings).get_caller_identity().send().await?;
    println!("{}", caller.arn().unwrap_or_default());
    Ok(())
}
