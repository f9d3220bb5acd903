//! Which operation of a REST service a method, a path and a query mean.
//!
//! Knows: a table of all of a service's operations, as AWS's model has them, so that one which is not
//! served differs from one that AWS does not have. Does not know: what an operation does.

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::{WireError, rest};

/// The operations of a service.
#[derive(Debug)]
pub struct RestRoutes(Vec<Route>);

/// One line of the table.
#[derive(Debug)]
struct Route {
    method: &'static str,
    path: Vec<Segment>,
    /// Whether a `/` ends the path. Clients may add or omit it; it decides between two that differ in nothing else.
    slash: bool,
    /// Parameters that must be there, with their value where it must be that.
    query: Vec<(&'static str, Option<&'static str>)>,
    operation: &'static str,
    action: &'static str,
}

#[derive(Debug)]
enum Segment {
    Literal(&'static str),
    /// A segment that is a member of the input.
    Member(&'static str),
    /// All but what the path has after it, which is one member.
    Rest(&'static str),
}

/// What a call means.
#[derive(Debug, PartialEq, Eq)]
pub struct RestCall {
    /// The operation.
    pub operation: &'static str,
    /// The members of its input that the path has.
    pub path: Vec<(&'static str, String)>,
    /// The parameters of the query string.
    pub query: Vec<(String, String)>,
}

impl RestRoutes {
    /// Reads a table: a line for each operation, `METHOD /path/{Member}?query Operation Action`, the
    /// action left out where it has the operation's name.
    pub fn read(table: &'static str) -> Self {
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        Self(lines.filter_map(Route::read).collect())
    }

    /// How many operations there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The operation that a call means: of several that could be meant the one with the most literal
    /// path and query. None where there is none.
    ///
    /// # Errors
    /// When the path or the query string is not UTF-8 once decoded.
    pub fn find(&self, inbound: &Inbound) -> Result<Option<RestCall>, WireError> {
        let segments = rest::segments(&inbound.path)?;
        let query = rest::parameters(&inbound.query)?;
        let method = inbound.method.as_str();
        let found = self.0.iter().filter(|route| route.method == method && route.needs(&query));
        let found = found.filter_map(|route| Some((route, route.members(&segments)?)));
        let found = found.max_by_key(|(route, path)| {
            let slash = route.slash == inbound.path.ends_with('/');
            (route.path.len() - path.len(), route.query.len(), slash)
        });
        Ok(found.map(|(route, path)| RestCall { operation: route.operation, path, query }))
    }

    /// The name of an operation's IAM action, without the service's prefix.
    pub fn action(&self, operation: &str) -> Option<&'static str> {
        self.0.iter().find(|route| route.operation == operation).map(|route| route.action)
    }
}

impl Route {
    fn read(line: &'static str) -> Option<Self> {
        let mut words = line.split(' ');
        let (method, target, operation) = (words.next()?, words.next()?, words.next()?);
        let action = words.next().unwrap_or(operation);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let slash = path.ends_with('/');
        let path = path.split('/').filter(|part| !part.is_empty()).map(Segment::read).collect();
        let query = query.split('&').filter(|term| !term.is_empty());
        let query = query.map(|term| match term.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (term, None),
        });
        Some(Self { method, path, slash, query: query.collect(), operation, action })
    }

    fn needs(&self, given: &[(String, String)]) -> bool {
        self.query.iter().all(|(name, value)| {
            given
                .iter()
                .any(|(found, text)| found == name && value.is_none_or(|value| value == text))
        })
    }

    /// The members that a path has; none where it is another path.
    fn members(&self, segments: &[String]) -> Option<Vec<(&'static str, String)>> {
        let mut rest = segments;
        let mut members = Vec::new();
        for (segment, after) in self.path.iter().zip((0..self.path.len()).rev()) {
            let (first, others) = rest.split_first()?;
            match segment {
                Segment::Literal(text) if text == first => rest = others,
                Segment::Literal(_) => return None,
                Segment::Member(name) => {
                    members.push((*name, first.clone()));
                    rest = others;
                }
                Segment::Rest(name) => {
                    let (member, others) = rest.split_at_checked(rest.len().checked_sub(after)?)?;
                    if member.is_empty() {
                        return None;
                    }
                    members.push((*name, member.join("/")));
                    rest = others;
                }
            }
        }
        rest.is_empty().then_some(members)
    }
}

impl Segment {
    fn read(part: &'static str) -> Self {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            None => Self::Literal(part),
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Rest(name),
                None => Self::Member(name),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# a comment
GET / ListBuckets ListAllMyBuckets
GET /{Bucket} ListObjects ListBucket
GET /{Bucket}?list-type=2 ListObjectsV2 ListBucket
GET /{Bucket}?analytics ListAnalytics
GET /{Bucket}?analytics&id GetAnalytics
GET /{Bucket}/{Key+} GetObject
POST /things/{Name} CreateThing
GET /portals/{Arn+} GetPortal
POST /agents/{Agent}/ PrepareAgent
POST /agents/{Session} InvokeAgent
GET /portals/{Arn+}/settings ListSettings
POST /things/all DescribeThings";

    fn find(method: &str, target: &str) -> Option<RestCall> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let inbound = Inbound {
            method: http::Method::from_bytes(method.as_bytes()).unwrap(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: http::HeaderMap::new(),
            body: Vec::new().into(),
        };
        RestRoutes::read(TABLE).find(&inbound).unwrap()
    }

    #[test]
    fn the_most_literal_route_is_meant() {
        for (method, target, operation) in [
            ("GET", "/", Some("ListBuckets")),
            ("GET", "/a", Some("ListObjects")),
            ("GET", "/a?prefix=b", Some("ListObjects")),
            ("GET", "/a?list-type=2&prefix=b", Some("ListObjectsV2")),
            ("GET", "/a?list-type=1", Some("ListObjects")),
            ("GET", "/a?analytics", Some("ListAnalytics")),
            ("GET", "/a?id=1&analytics", Some("GetAnalytics")),
            ("POST", "/things/all", Some("DescribeThings")),
            ("POST", "/things/one", Some("CreateThing")),
            ("POST", "/things", None),
            ("PUT", "/a", None),
            ("POST", "/agents/a", Some("InvokeAgent")),
            ("POST", "/agents/a/", Some("PrepareAgent")),
            ("GET", "/portals/a/b", Some("GetPortal")),
            ("GET", "/portals/a/b/settings", Some("ListSettings")),
            ("GET", "/portals/settings", Some("GetPortal")),
            ("GET", "/portals", Some("ListObjects")),
        ] {
            assert_eq!(find(method, target).map(|call| call.operation), operation, "{target}");
        }
        let call = find("GET", "/a/b%2Fc/d").unwrap();
        let path = [("Bucket", "a".to_owned()), ("Key", "b/c/d".to_owned())];
        assert_eq!((call.operation, call.path.as_slice()), ("GetObject", &path[..]));
        assert_eq!(RestRoutes::read(TABLE).action("ListObjects"), Some("ListBucket"));
    }
}
