//! Which operation of a service that is not served a method and a path are for.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use crate::rest_routes::RestRoutes;

/// The operations of a service, read when they are first asked for: all of them are some 10,000.
struct Table {
    text: &'static str,
    routes: OnceLock<RestRoutes>,
}

/// By signing name.
static TABLES: LazyLock<BTreeMap<&'static str, Table>> = LazyLock::new(|| {
    // Blank lines part the services; the first block is a comment.
    let blocks = include_str!("operations.txt").split("\n\n").skip(1);
    let named = blocks.filter_map(|block| block.split_once('\n'));
    named.map(|(name, text)| (name, Table { text, routes: OnceLock::new() })).collect()
});

/// The operations of the service of a signing name, where its calls have a method and a path.
pub(super) fn routes(service: &str) -> Option<&'static RestRoutes> {
    let table = TABLES.get(service)?;
    Some(table.routes.get_or_init(|| RestRoutes::read(table.text)))
}

#[cfg(test)]
mod tests {
    use super::super::known::{self, Naming};
    use super::*;

    #[test]
    fn the_file_is_read_whole_and_each_of_its_services_is_known() {
        let lines = include_str!("operations.txt").lines().filter(|line| !line.starts_with('#'));
        let lines = lines.filter(|line| !line.is_empty()).count();
        let read: usize = TABLES.keys().filter_map(|name| routes(name)).map(RestRoutes::len).sum();
        assert_eq!(read + TABLES.len(), lines);
        for name in TABLES.keys() {
            let service = known::service(name).unwrap_or_else(|| panic!("{name}"));
            assert!(service.has(Naming::Rest) || *name == "s3", "{name}");
        }
    }

    #[test]
    fn what_has_a_method_and_a_path_has_its_operations() {
        let served = ["apigateway", "eks", "eks-auth", "lambda", "account"];
        for service in known::all().filter(|service| service.has(Naming::Rest)) {
            let name = service.name();
            assert!(served.contains(&name) || routes(name).is_some(), "{name}");
        }
    }
}
