//! From a file's text to an [`Entry`]: what serde cannot say, and where the mistakes are.

use attache_aws_protocol::Protocol;
use attache_manifests::{File, Invalid, suggestion};

use super::shape::{Document, Pick};
use super::{Address, Call, Entry};

const PROTOCOLS: &[(&str, Protocol)] = &[
    ("query", Protocol::Query),
    ("ec2Query", Protocol::Ec2Query),
    ("json1.0", Protocol::Json10),
    ("json1.1", Protocol::Json11),
    ("restJson", Protocol::RestJson),
    ("restXml", Protocol::RestXml),
];

const PLACES: &[&str] = &["partition", "region", "account", "id"];

/// Verbs of IAM actions that change nothing. A catalog file is input, and the policy
/// that is derived from it must not be able to grant more than reading.
const READING: &[&str] = &["List", "Describe", "Get", "BatchGet", "Lookup", "Search", "View"];

/// Reads one catalog file.
pub(super) fn entry(file: File<'_>) -> Result<Entry, Invalid> {
    let document: Document = toml::from_str(file.text()).map_err(|e| complaint(file, &e))?;
    let kind = document.r#type;
    let shaped = |text: &str| {
        text.split_once(':').is_some_and(|(service, name)| {
            let legal = |t: &str| {
                !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/".contains(&b))
            };
            legal(service) && legal(name)
        })
    };
    if !shaped(kind.get_ref()) {
        let message = format!("`{}` is not a resource type", kind.get_ref());
        let help = "it must be SERVICE:NAME, such as ec2:instance".to_owned();
        return Err(file.wrong(kind.span(), message, help));
    }
    for action in document.iam.actions.get_ref() {
        let verb = action.split_once(':').map(|(_, verb)| verb).unwrap_or_default();
        let global = document.iam.actions.span();
        let wildcard = action.contains(['*', '?']);
        if !READING.iter().any(|reading| verb.starts_with(reading)) || wildcard {
            let message = format!("`{action}` is not an action that only reads");
            let help =
                format!("it must be SERVICE:OPERATION, beginning with {}", READING.join(", "));
            return Err(file.wrong(global, message, help));
        }
    }
    let item = document.item;
    for pick in [Some(&item.id), Some(&item.arn), item.name.as_ref()].into_iter().flatten() {
        template(file, pick)?;
    }
    let rate = document.rate;
    if !(rate.burst >= 1.0 && rate.per_second > 0.0) {
        let help = "burst must be at least 1, per-second more than 0".to_owned();
        return Err(file.wrong(
            file.key("burst"),
            "this rate would never let a call through",
            help,
        ));
    }
    Ok(Entry {
        kind: kind.into_inner(),
        title: document.title,
        call: call(file, document.call)?,
        page: document.page,
        item,
        relations: document.relation,
        actions: document.iam.actions.into_inner(),
        rate,
    })
}

fn call(file: File<'_>, shape: super::shape::Call) -> Result<Call, Invalid> {
    let protocol = shape.protocol;
    let Some(&(_, speaks)) = PROTOCOLS.iter().find(|(name, _)| name == protocol.get_ref()) else {
        let known: Vec<&str> = PROTOCOLS.iter().map(|(name, _)| *name).collect();
        let message = format!("the protocol `{}` is not known", protocol.get_ref());
        return Err(file.wrong(protocol.span(), message, suggestion(protocol.get_ref(), &known)));
    };
    let missing = |key: &str| {
        let message = format!("a call over {} needs `{key}`", protocol.get_ref());
        file.wrong(protocol.span(), message, format!("add `{key} = \"…\"` under [call]"))
    };
    let address = match speaks {
        Protocol::Query | Protocol::Ec2Query => {
            Address::Version(shape.version.ok_or_else(|| missing("version"))?)
        }
        Protocol::Json10 | Protocol::Json11 => {
            Address::Target(shape.target.ok_or_else(|| missing("target"))?)
        }
        // RPC v2 is not among [`PROTOCOLS`].
        Protocol::RestJson | Protocol::RestXml | Protocol::RpcV2Cbor => {
            let method = shape.method.ok_or_else(|| missing("method"))?;
            let path = shape.path.ok_or_else(|| missing("path"))?;
            rest(file, &method, &path)?
        }
    };
    Ok(Call {
        signing_name: shape.signing_name.unwrap_or_else(|| shape.service.clone()),
        service: shape.service,
        protocol: speaks,
        operation: shape.operation.into_inner(),
        address,
        root: shape.root,
        input: shape.input,
        scope: shape.scope,
    })
}

fn rest(
    file: File<'_>,
    method: &toml::Spanned<String>,
    path: &toml::Spanned<String>,
) -> Result<Address, Invalid> {
    let verb = match method.get_ref().as_str() {
        "GET" => http::Method::GET,
        "POST" => http::Method::POST,
        other => {
            let message = format!("the method `{other}` is not used by list calls");
            return Err(file.wrong(method.span(), message, "use GET or POST".to_owned()));
        }
    };
    if !path.get_ref().starts_with('/') {
        let help = format!("write `/{}`", path.get_ref());
        return Err(file.wrong(path.span(), "a path begins with a slash", help));
    }
    Ok(Address::Rest { method: verb, path: path.get_ref().clone() })
}

/// Refuses names in braces that nothing fills.
fn template(file: File<'_>, pick: &Pick) -> Result<(), Invalid> {
    let Pick::Template(pick) = pick else { return Ok(()) };
    let mut rest = pick.template.as_str();
    while let Some((_, after)) = rest.split_once('{') {
        let (name, end) = after.split_once('}').unwrap_or((after, ""));
        if !PLACES.contains(&name) {
            let at = file.text().find(&pick.template).unwrap_or_default();
            let message = format!("nothing fills `{{{name}}}` in a template");
            let help = suggestion(name, PLACES);
            return Err(file.wrong(at..at + pick.template.len(), message, help));
        }
        rest = end;
    }
    Ok(())
}

/// The TOML reader's complaint with a place, and a suggestion where a key is unknown.
fn complaint(file: File<'_>, error: &toml::de::Error) -> Invalid {
    let message = error.message();
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let help = match words.split_first() {
        Some((given, known)) if message.starts_with("unknown") => Some(suggestion(given, known)),
        _ => None,
    };
    let message = match (words.first(), message.starts_with("unknown field")) {
        (Some(given), true) => format!("unknown key `{given}`"),
        _ => message.to_owned(),
    };
    file.wrong(error.span().unwrap_or(0..0), message, help)
}
