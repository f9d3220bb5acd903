//! The keys of how a call is made.

use super::KeySink;

/// What is known of a call besides its principal and its parameters.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallKeys<'c> {
    /// The time of the call: as a date, and in seconds since 1970.
    pub time: Option<(&'c str, &'c str)>,
    /// The address that it comes from.
    pub source_ip: Option<&'c str>,
    /// The region whose endpoint is called.
    pub region: Option<&'c str>,
    /// The `User-Agent` header.
    pub user_agent: Option<&'c str>,
}

impl CallKeys<'_> {
    /// Adds the keys of a call that a principal makes itself, over TLS.
    ///
    /// `aws:SecureTransport` is always true: AWS's endpoints take nothing else, and a policy that
    /// demands TLS is to be tried as it is.
    pub fn add_to(&self, keys: &mut impl KeySink) {
        if let Some((date, seconds)) = self.time {
            keys.set(&["aws:CurrentTime"], date);
            keys.set(&["aws:EpochTime"], seconds);
        }
        let known = [
            ("aws:SourceIp", self.source_ip),
            ("aws:RequestedRegion", self.region),
            ("aws:UserAgent", self.user_agent),
            ("aws:SecureTransport", Some("true")),
            ("aws:ViaAWSService", Some("false")),
        ];
        for (key, value) in known {
            if let Some(value) = value {
                keys.set(&[key], value);
            }
        }
        // Nobody calls on behalf of the principal.
        for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
            keys.absent(&[key]);
        }
    }
}
