//! The flags of the laboratory, and of how much there is, which `authority` and `quickstart` share.

use attache_authority::{Fault, LaboratorySettings, Latency, Rates};
use attache_identifiers::AccountId;
use attache_sample_resources::{ResourceCount, SampleResources};

/// How the embedded AWS behaves on a bad day.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Laboratory")]
pub(crate) struct Laboratory {
    /// Delay each answer: the median, and the time within which 99 of 100 answers come, for example
    /// 40ms or 40ms,p99=200ms.
    #[arg(long, value_name = "MEDIAN[,p99=DURATION]")]
    latency: Option<Latency>,
    /// Refuse calls beyond the request rates that AWS publishes, by account, region, service and
    /// operation, with each service's own throttling error. The only value is aws.
    #[arg(long, value_name = "aws")]
    rates: Option<Rates>,
    /// Let calls fail; may be given several times, and the first that fits a call counts. The kinds are
    /// throttling, internal-error (500), service-unavailable (503), reset, reset-body, slow-body,
    /// truncated-body, short-body, html-502, empty-200, no-content (204), foreign-json, endless-token,
    /// repeated-page, expired-token and clock-skew. The members are account, region, service (its
    /// signing name), operation, probability, count and duration; * in a service or an operation
    /// stands for any letters.
    #[arg(long, value_name = "KIND[,MEMBER=VALUE]...")]
    fault: Vec<Fault>,
    /// Let the accounts hold so many resources together: small (1,000), medium (50,000), large
    /// (1,000,000) or a number up to 1000000. Each is made when it is asked for.
    #[arg(long, value_name = "COUNT")]
    resources: Option<ResourceCount>,
    /// The seed of latencies and probabilities: the same number gives the same ones.
    #[arg(long, value_name = "N", default_value_t = 1)]
    laboratory_seed: u64,
}

impl Laboratory {
    /// What the accounts hold; so many resources as were asked for are spread over the `counted` ones.
    pub(crate) fn resources(
        &self,
        seed: u64,
        accounts: &[AccountId],
        counted: &[AccountId],
    ) -> SampleResources {
        match self.resources {
            Some(count) => SampleResources::spread(seed, counted, count),
            None => SampleResources::new(seed, accounts),
        }
    }

    /// What goes wrong.
    pub(crate) fn settings(&self) -> LaboratorySettings {
        LaboratorySettings {
            seed: self.laboratory_seed,
            latency: self.latency,
            rates: self.rates,
            faults: self.fault.clone(),
        }
    }
}
