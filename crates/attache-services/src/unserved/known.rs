//! Which services AWS has, and in which protocols they are called.

use std::borrow::Cow;
use std::sync::LazyLock;

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::{Protocol, json, query};

/// How a call says which operation it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// A form's `Action`.
    Action,
    /// The header `X-Amz-Target`.
    Target,
    /// The end of the path `/service/X/operation/Y`.
    RpcPath,
    /// The method and the path.
    Rest,
}

/// One way to call a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wire {
    pub(super) naming: Naming,
    /// How refusals are written.
    pub(super) protocol: Protocol,
    /// What names the service beside its signature; empty where nothing does.
    mark: &'static str,
}

/// A service of AWS's.
#[derive(Debug)]
pub(super) struct KnownService {
    /// What its calls are signed for.
    name: &'static str,
    wires: Vec<Wire>,
    /// What its actions begin with.
    pub(super) prefix: &'static str,
    /// Whether its actions are named after the methods of calls: API Gateway's are.
    pub(super) by_method: bool,
    /// Operations whose action has another name.
    renamed: Vec<(&'static str, &'static str)>,
}

/// By signing name. A test reads the file: it is part of the program.
static SERVICES: LazyLock<Vec<KnownService>> = LazyLock::new(|| {
    let lines = include_str!("services.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(KnownService::read).collect()
});

/// The service of a signing name.
pub(super) fn service(name: &str) -> Option<&'static KnownService> {
    let at = SERVICES.binary_search_by(|service| service.name.cmp(name)).ok()?;
    SERVICES.get(at)
}

/// All of them.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static KnownService> {
    SERVICES.iter()
}

/// The signing name of the service that an unsigned call is for, where the call says so.
pub fn called(inbound: &Inbound) -> Option<&'static str> {
    let shown = shown(inbound);
    let mark: Cow<'_, str> = match shown.naming {
        Naming::Action => form_member(inbound, "Version")?,
        Naming::Target => json::target(inbound).ok()?.service.into(),
        Naming::RpcPath => rpc_path(&inbound.path)?.0.into(),
        Naming::Rest => return None,
    };
    let is_meant =
        |wire: &Wire| wire.naming == shown.naming && !mark.is_empty() && wire.mark == mark;
    SERVICES.iter().find(|service| service.wires.iter().any(is_meant)).map(|service| service.name)
}

/// The protocol that a call shows by itself, whatever its service speaks.
pub(super) fn shown(inbound: &Inbound) -> Wire {
    let content_type = inbound.header("content-type").unwrap_or_default();
    let (naming, protocol) = if inbound.headers.contains_key("smithy-protocol") {
        (Naming::RpcPath, Protocol::RpcV2Cbor)
    } else if inbound.headers.contains_key("x-amz-target") {
        let old = content_type.starts_with(Protocol::Json10.content_type());
        (Naming::Target, if old { Protocol::Json10 } else { Protocol::Json11 })
    } else if form_member(inbound, "Action").is_some() {
        (Naming::Action, Protocol::Query)
    } else {
        (Naming::Rest, Protocol::RestJson)
    };
    Wire { naming, protocol, mark: "" }
}

/// The operation that a call names.
pub(super) fn operation(naming: Naming, inbound: &Inbound) -> Option<String> {
    let name: Cow<'_, str> = match naming {
        Naming::Action => form_member(inbound, "Action")?,
        Naming::Target => json::target(inbound).ok()?.operation.into(),
        Naming::RpcPath => rpc_path(&inbound.path)?.1.into(),
        Naming::Rest => return None,
    };
    json::is_operation_name(&name).then(|| name.into_owned())
}

/// A parameter of a form, which the query string or the body is.
fn form_member<'i>(inbound: &'i Inbound, name: &str) -> Option<Cow<'i, str>> {
    let found = query::parameter(inbound.query.as_bytes(), name);
    found.or_else(|| query::parameter(&inbound.body, name))
}

/// The service and the operation of a path of RPC v2:
/// <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html#requests>.
fn rpc_path(path: &str) -> Option<(&str, &str)> {
    let (service, operation) = path.rsplit_once("/operation/")?;
    Some((service.rsplit_once("/service/")?.1, operation))
}

impl KnownService {
    fn read(line: &'static str) -> Option<Self> {
        let mut words = line.split(' ');
        let name = words.next()?;
        let (wires, renamed) = (Vec::new(), Vec::new());
        let mut service = Self { name, wires, prefix: name, by_method: false, renamed };
        for word in words {
            let (kind, mark) = word.split_once(':').unwrap_or((word, ""));
            match kind {
                "actions" if mark == "METHOD" => service.by_method = true,
                "actions" => service.prefix = mark,
                _ => match word.split_once('=') {
                    Some(renamed) => service.renamed.push(renamed),
                    None => service.wires.push(Wire::read(kind, mark)?),
                },
            }
        }
        Some(service)
    }

    /// The name that its calls are signed for.
    #[cfg(test)]
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether there is a protocol in which its operations are named so.
    #[cfg(test)]
    pub(super) fn has(&self, naming: Naming) -> bool {
        self.wires.iter().any(|wire| wire.naming == naming)
    }

    /// In which of its protocols a call is: the one that the call shows, or else its first.
    pub(super) fn wire(&self, shown: Wire) -> Wire {
        let alike = |wire: &&Wire| wire.naming == shown.naming;
        let same = |wire: &&Wire| alike(wire) && wire.protocol == shown.protocol;
        let found = self.wires.iter().find(same).or_else(|| self.wires.iter().find(alike));
        found.or(self.wires.first()).copied().unwrap_or(shown)
    }

    /// The name of an operation's action, without its prefix.
    pub(super) fn action<'o>(&'o self, operation: &'o str) -> &'o str {
        let renamed = self.renamed.iter().find(|(name, _)| *name == operation);
        renamed.map_or(operation, |(_, action)| action)
    }
}

impl Wire {
    fn read(kind: &str, mark: &'static str) -> Option<Self> {
        let (naming, protocol) = match kind {
            "query" => (Naming::Action, Protocol::Query),
            "ec2" => (Naming::Action, Protocol::Ec2Query),
            "json-1.0" => (Naming::Target, Protocol::Json10),
            "json-1.1" => (Naming::Target, Protocol::Json11),
            "rpc-v2-cbor" => (Naming::RpcPath, Protocol::RpcV2Cbor),
            "rest-json" => (Naming::Rest, Protocol::RestJson),
            // Its errors are awsQuery's, but for those of S3:
            // <https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html#operation-error-serialization>.
            "rest-xml" => (Naming::Rest, Protocol::Query),
            _ => return None,
        };
        Some(Self { naming, protocol, mark })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_whole_and_in_order() {
        let lines = include_str!("services.txt").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(SERVICES.len(), lines.count());
        assert!(SERVICES.is_sorted_by_key(|service| service.name));
        for service in SERVICES.iter() {
            assert!(!service.wires.is_empty(), "{}", service.name);
        }
    }
}
