//! The credentials of the pods on this node, by their token: pure rules over a clock value.
//!
//! Knows: when credentials are renewed, when they may no longer be served, which go first when the
//! cache is full. Does not know how they are had, and waits for nothing.
//!
//! Credentials are found by the digest of the whole token. So a pod that does not hold the token
//! never gets them, also where two pods have one service account.

mod renewal;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::{Association, PodCredentials, PodToken, TokenId};

/// The original's: credentials with less life than this are neither served nor kept.
/// <https://github.com/aws/eks-pod-identity-agent>
const LEAST_LIFE: Duration = Duration::seconds(15);

/// How large the cache is, and how long it keeps credentials before it asks again.
#[derive(Debug, Clone, Copy)]
pub struct CacheSettings {
    /// The most credentials; the least recently used go first. 0 keeps none.
    pub capacity: usize,
    /// The latest time after which credentials are renewed, however long they live. Zero keeps none.
    pub renew_after: Duration,
}

/// The original's: `--max-cache-size` and `--max-credential-retention-before-renewal`.
impl Default for CacheSettings {
    fn default() -> Self {
        Self { capacity: 2_000, renew_after: Duration::hours(3) }
    }
}

/// Credentials that were given for a token.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The token that they were given for, which renews them.
    pub token: PodToken,
    /// What was given.
    pub credentials: Arc<PodCredentials>,
    /// The association that named the role; none where EKS Auth keeps it.
    pub association: Option<Arc<Association>>,
}

/// What the cache has for a token.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// Credentials to serve.
    Hit(Arc<PodCredentials>),
    /// None: they have to be asked for.
    Miss,
}

/// Credentials that end too soon to be of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credentials that were given end within {} seconds", LEAST_LIFE.whole_seconds())]
pub struct TooShort;

/// The cache.
#[derive(Debug)]
pub struct Cache {
    settings: CacheSettings,
    entries: HashMap<TokenId, Entry>,
    /// The tokens in the order in which they were last used.
    by_use: BTreeMap<u64, TokenId>,
    uses: u64,
    evicted: u64,
}

#[derive(Debug)]
struct Entry {
    grant: Grant,
    renew_at: OffsetDateTime,
    renewing: bool,
    used: u64,
}

impl Entry {
    /// Whether they can still be served: they and the token that they were given for live on.
    fn serves(&self, now: OffsetDateTime) -> bool {
        self.grant.credentials.expires_at() - now > LEAST_LIFE
            && self.grant.token.unverified().check_times(now).is_ok()
    }
}

impl Cache {
    /// An empty cache.
    #[must_use]
    pub fn new(settings: CacheSettings) -> Self {
        let (entries, by_use) = (HashMap::new(), BTreeMap::new());
        Self { settings, entries, by_use, uses: 0, evicted: 0 }
    }

    /// The credentials of a token. Those that have ended are dropped.
    pub fn lookup(&mut self, id: TokenId, now: OffsetDateTime) -> Lookup {
        let used = self.next_use();
        match self.entries.get_mut(&id) {
            Some(entry) if entry.serves(now) => {
                self.by_use.remove(&entry.used);
                entry.used = used;
                self.by_use.insert(used, id);
                Lookup::Hit(Arc::clone(&entry.grant.credentials))
            }
            Some(_) => {
                self.remove(id);
                Lookup::Miss
            }
            None => Lookup::Miss,
        }
    }

    /// Keeps what was given for a token, in place of what was there. `jitter` is between 0 and 1.
    ///
    /// # Errors
    /// [`TooShort`]: then nothing is kept, and what was there is dropped.
    pub fn insert(
        &mut self,
        grant: Grant,
        now: OffsetDateTime,
        jitter: f64,
    ) -> Result<(), TooShort> {
        let id = grant.token.id();
        let life = grant.credentials.expires_at() - now;
        if life <= LEAST_LIFE {
            self.remove(id);
            return Err(TooShort);
        }
        if self.settings.capacity == 0 || self.settings.renew_after <= Duration::ZERO {
            return Ok(());
        }
        self.remove(id);
        while self.entries.len() >= self.settings.capacity {
            let Some((_, least_used)) = self.by_use.pop_first() else { break };
            self.entries.remove(&least_used);
            self.evicted += 1;
        }
        let renew_at = renewal::time(now, life, self.settings.renew_after, jitter);
        let used = self.next_use();
        self.by_use.insert(used, id);
        self.entries.insert(id, Entry { grant, renew_at, renewing: false, used });
        Ok(())
    }

    /// At most so many tokens whose credentials are to be renewed now, the most urgent first. They
    /// are not named again before [`Self::insert`] or [`Self::not_renewed`].
    pub fn due(&mut self, now: OffsetDateTime, most: usize) -> Vec<PodToken> {
        let ended: Vec<TokenId> =
            self.entries.iter().filter(|(_, e)| !e.serves(now)).map(|(id, _)| *id).collect();
        for id in ended {
            self.remove(id);
            self.evicted += 1;
        }
        let mut due: Vec<(OffsetDateTime, TokenId)> = self
            .entries
            .iter()
            .filter(|(_, entry)| !entry.renewing && entry.renew_at <= now)
            .map(|(id, entry)| (entry.renew_at, *id))
            .collect();
        due.sort_unstable();
        due.truncate(most);
        let mut tokens = Vec::new();
        for (_, id) in due {
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.renewing = true;
                tokens.push(entry.grant.token.clone());
            }
        }
        tokens
    }

    /// Takes note that a token's credentials were not renewed. A final refusal drops them; after any
    /// other they are served as long as they live, and renewed in a minute or two.
    pub fn not_renewed(&mut self, id: TokenId, is_final: bool, now: OffsetDateTime, jitter: f64) {
        if is_final {
            self.remove(id);
        } else if let Some(entry) = self.entries.get_mut(&id) {
            entry.renewing = false;
            entry.renew_at = renewal::retry(now, jitter);
        }
    }

    /// Drops the credentials whose association is no longer what it was.
    pub fn drop_changed(&mut self, is_current: impl Fn(&Association) -> bool) {
        let changed = |entry: &Entry| {
            entry.grant.association.as_deref().is_some_and(|association| !is_current(association))
        };
        let ids: Vec<TokenId> =
            self.entries.iter().filter(|(_, entry)| changed(entry)).map(|(id, _)| *id).collect();
        ids.into_iter().for_each(|id| self.remove(id));
    }

    /// Whether there is an entry for the token, of use or not.
    #[must_use]
    pub fn contains(&self, id: TokenId) -> bool {
        self.entries.contains_key(&id)
    }

    /// How many credentials there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many had to go since it was last asked: others were used more recently, or they ended.
    pub fn take_evicted(&mut self) -> u64 {
        std::mem::take(&mut self.evicted)
    }

    fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }

    fn remove(&mut self, id: TokenId) {
        if let Some(entry) = self.entries.remove(&id) {
            self.by_use.remove(&entry.used);
        }
    }
}
