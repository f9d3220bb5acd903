//! How many files may be open: each connection is one.

/// Raises the soft limit as far as the system lets it, so that ten thousand connections that say
/// nothing leave room for those who do. Shells and containers mostly begin with 1,024, for the sake of
/// programs that use `select`; this is none.
pub(super) fn raise() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        /// Ours: four times the connections that are served at one time.
        const ENOUGH: u64 = 65_536;
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let wanted = maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
        if current.is_some_and(|current| current < wanted) {
            // Where it is refused, fewer connections are served.
            let _best_effort =
                setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
        }
    }
}
