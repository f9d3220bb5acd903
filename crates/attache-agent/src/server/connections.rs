//! How many connections there are, in all and of one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Ours: connections at one time. A node has at most some hundred pods, whose SDKs ask once in half an
/// hour.
const MOST: usize = 1_024;

/// Ours: of one address. Pods of the host's network share one.
const MOST_OF_ONE: usize = 128;

/// The connections that are open, by their address.
#[derive(Debug, Clone, Default)]
pub(super) struct Connections(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    all: usize,
    of_one: HashMap<IpAddr, usize>,
}

/// An open connection; dropping it makes room.
#[derive(Debug)]
pub(super) struct Place {
    connections: Connections,
    address: IpAddr,
}

impl Connections {
    /// A place for a connection of that address, if there is one.
    pub(super) fn enter(&self, address: IpAddr) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = open.of_one.get(&address).copied().unwrap_or_default();
        if open.all >= MOST || of_one >= MOST_OF_ONE {
            return None;
        }
        open.all += 1;
        open.of_one.insert(address, of_one + 1);
        Some(Place { connections: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        if let Some(count) = open.of_one.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.of_one.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_places_for_the_others_and_all_are_given_back() {
        let connections = Connections::default();
        let address = |last: u8| IpAddr::from([10, 0, 0, last]);
        let one: Vec<_> = (0..1_000).map_while(|_| connections.enter(address(1))).collect();
        assert_eq!(one.len(), MOST_OF_ONE);
        let other = connections.enter(address(2));
        assert!(other.is_some());
        let all: Vec<_> = (3..=255)
            .map(address)
            .flat_map(|a| [connections.enter(a), connections.enter(a)])
            .flatten()
            .collect();
        assert_eq!(all.len(), 506);
        drop((one, other, all));
        let open = connections.0.lock().unwrap();
        assert_eq!((open.all, open.of_one.len()), (0, 0));
    }
}
