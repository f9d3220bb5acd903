//! How much a listing may take. An endpoint that never ends (a broken one, or a hostile one in its
//! place) must cost its own type's coverage and nothing else.

use std::time::Duration;

const MIB: usize = 1024 * 1024;

/// The bounds of listings. The defaults are ours: well above any account that AWS's own quotas
/// allow, well below a pod's memory.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Pages in a listing. At the sizes that we ask for, no account has a thousand pages of one
    /// type in a region.
    pub pages: usize,
    /// Resources in a listing. AWS's largest default quota of a type in the catalog is 10,000
    /// buckets; SQS has none, and accounts with 100,000 queues are known.
    pub resources: usize,
    /// Bytes that a listing's resources and tokens may hold in memory: 20,000 instances have 80 MB.
    pub listing_bytes: usize,
    /// Bytes of one answer: a page of 1,000 EC2 instances has about 6 MB.
    pub answer_bytes: usize,
    /// Bytes that all listings of the process, and the answers that they are reading, may hold
    /// together. The process takes about twice of it: what is counted is text, not its allocation.
    pub process_bytes: usize,
    /// From a listing's first call to its last. A large account's target groups take three minutes
    /// at the rate that AWS allows.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pages: 1_000,
            resources: 200_000,
            listing_bytes: 128 * MIB,
            answer_bytes: 16 * MIB,
            process_bytes: 256 * MIB,
            time: Duration::from_secs(600),
        }
    }
}

/// The bound that a listing went beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// [`Limits::pages`].
    #[error("it has more than {0} pages")]
    Pages(usize),
    /// [`Limits::resources`].
    #[error("it has more than {0} resources")]
    Resources(usize),
    /// [`Limits::listing_bytes`].
    #[error("its resources take more than {0} bytes")]
    ListingBytes(usize),
    /// [`Limits::answer_bytes`].
    #[error("one of its answers has more than {0} bytes")]
    AnswerBytes(usize),
    /// The token of a next page.
    #[error("the token of its next page has more than {0} bytes")]
    TokenBytes(usize),
    /// [`Limits::process_bytes`].
    #[error("all listings together take the {0} bytes that this process allows them")]
    ProcessBytes(usize),
    /// [`Limits::time`].
    #[error("it was not complete after {} s", .0.as_secs_f64())]
    Time(Duration),
}
