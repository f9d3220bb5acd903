//! How many files may be open: each connection is one.

/// Raises the soft limit as far as the system allows, so that ten thousand idle connections leave
/// room for busy ones. Shells and containers mostly begin with 1,024, for programs that use
/// `select`, which this one does not.
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
