//! A certificate that is out of its time: no API server calls a server that shows one, and nothing else would
//! tell why.

use std::time::Duration;

use attache_serving::ServingCertificate;
use time::OffsetDateTime;

/// How often it is looked at.
const INTERVAL: Duration = Duration::from_secs(5);

/// Ours: how often the same is said again.
const REPEAT: u32 = 60;

/// Logs for ever while the certificate is out of its time.
pub(crate) async fn watch(serving: &ServingCertificate, clock: fn() -> OffsetDateTime) {
    let (mut before, mut count) = (None, 0_u32);
    loop {
        let found = serving.check(clock()).err();
        let kind = found.map(|why| std::mem::discriminant(&why));
        count = if kind == before { count.wrapping_add(1) } else { 0 };
        match found {
            Some(why) if count.is_multiple_of(REPEAT) => {
                tracing::error!("{why}: the API server does not call this webhook");
            }
            None if before.is_some() => {
                tracing::info!("the serving certificate is within its time again");
            }
            Some(_) | None => {}
        }
        before = kind;
        tokio::time::sleep(INTERVAL).await;
    }
}
