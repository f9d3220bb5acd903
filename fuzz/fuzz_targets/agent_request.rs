//! Any path, host and token of a pod's request to the agent: refused with a status of the contract, or
//! the token itself, and only where the host is the agent's.
#![no_main]

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use libfuzzer_sys::fuzz_target;

/// The file itself: its crate brings the AWS SDK, which would take longer to build than all targets.
#[path = "../../crates/attache-agent/src/request.rs"]
mod request;

const OWN: [&str; 2] = ["169.254.170.23", "fd00:ec2::23"];

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let Ok(uri) = lines.next().unwrap_or_default().parse::<Uri>() else { return };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')).take(64) {
        let name = HeaderName::from_bytes(name.trim().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.trim().as_bytes())) {
            headers.append(name, value);
        }
    }
    let own = OWN.map(|own| own.parse::<IpAddr>().expect("it is an address"));
    match request::token(&uri, &headers, &own) {
        Ok(token) => {
            assert!(!token.is_empty() && token.len() <= 20_000);
            // What is taken for the agent's address is one: of no name.
            let host = headers["host"].to_str().expect("an address is text");
            assert!(host.bytes().all(|b| b.is_ascii_hexdigit() || b".:[]".contains(&b)), "{host}");
        }
        Err(refused) => {
            assert!([400, 403, 404].contains(&refused.status()), "{refused}");
            assert!(refused.to_string().len() < 2_000);
        }
    }
});
