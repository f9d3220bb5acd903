//! Random documents and requests over small alphabets, so that they often meet.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::alphabet::*;
use super::{Ask, Documents, Who};

type Dice = ChaCha8Rng;

fn pick<T: Copy>(dice: &mut Dice, from: &[T]) -> T {
    *from.choose(dice).unwrap()
}

/// One to `most` of the list, written as one text where it is one, now and then.
fn some(dice: &mut Dice, from: &[&str], most: usize) -> Value {
    let count = dice.random_range(1..=most);
    let list: Vec<_> = (0..count).map(|_| pick(dice, from).to_owned()).collect();
    written(dice, &list)
}

/// The same with patterns that are made of what is asked for.
fn patterns(dice: &mut Dice, from: &[&str], asked: &[&str], fixed: usize, most: usize) -> Value {
    let count = dice.random_range(1..=most);
    let pattern = |dice: &mut Dice| match dice.random_bool(0.6) {
        true => pick(dice, from).to_owned(),
        false => {
            let text = pick(dice, asked);
            // What comes before the last colon, which has to be there, stays as it is.
            let colons = text.match_indices(':').take(fixed).last().map_or(0, |(at, _)| at + 1);
            let (head, rest) = text.split_at(colons);
            let at = dice.random_range(0..=rest.len());
            match dice.random_range(0..4) {
                0 => format!("{head}{}*", &rest[..at]),
                1 => format!("{head}{}*{}", &rest[..at], &rest[at..]),
                2 => format!("{head}{}?{}", &rest[..at], rest.get(at + 1..).unwrap_or_default()),
                _ => format!("{head}*{}", &rest[at..]),
            }
        }
    };
    let list: Vec<_> = (0..count).map(|_| pattern(dice)).collect();
    written(dice, &list)
}

fn written(dice: &mut Dice, list: &[String]) -> Value {
    if list.len() == 1 && dice.random_bool(0.7) { json!(list[0]) } else { json!(list) }
}

/// Policies of every kind, enough of them generous that some requests come through.
pub fn documents(dice: &mut Dice) -> Documents {
    let kind = dice.random_range(0..10);
    let is_trust = kind < 3;
    let levels = |dice: &mut Dice, often: f64, shape| {
        let count = if dice.random_bool(often) { dice.random_range(1..=2) } else { 0 };
        (0..count).map(|_| vec![policy(dice, shape, 0.85)]).collect()
    };
    // A root user, a service and a token's holder have no policies of their own.
    let own = dice.random_bool(0.75);
    let identity = if own { dice.random_range(0..=2) } else { 0 };
    Documents {
        identity: (0..identity).map(|_| policy(dice, Shape::Plain, 0.4)).collect(),
        boundary: (own && dice.random_bool(0.3)).then(|| vec![policy(dice, Shape::Plain, 0.6)]),
        session: (own && dice.random_bool(0.4)).then(|| vec![policy(dice, Shape::Plain, 0.6)]),
        resource: (kind < 8).then(|| {
            let shape = if is_trust { Shape::Trust } else { Shape::Resource };
            vec![policy(dice, shape, 0.45)]
        }),
        is_trust,
        service_control: levels(dice, 0.3, Shape::ServiceControl),
        resource_control: levels(dice, 0.3, Shape::Everyone),
        management_account: match dice.random_range(0..5) {
            0 => Some(OWN.to_owned()),
            1 => Some(OTHER.to_owned()),
            _ => None,
        },
    }
}

/// Which elements a kind's statements have, as far as AWS takes them.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Plain,
    ServiceControl,
    Resource,
    Trust,
    /// A resource control policy: all that it allows is everything.
    Everyone,
}

impl Shape {
    fn is_organizations(self) -> bool {
        matches!(self, Self::ServiceControl | Self::Everyone)
    }

    fn takes_principal(self) -> bool {
        !matches!(self, Self::Plain | Self::ServiceControl)
    }
}

fn policy(dice: &mut Dice, shape: Shape, generous: f64) -> Value {
    // One in fifty is long, so that its statements are found among many.
    let count = if dice.random_bool(0.02) { 30 } else { dice.random_range(1..=3) };
    let mut statements: Vec<Value> = (0..count).map(|_| statement(dice, shape)).collect();
    if dice.random_bool(generous) {
        let mut all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        if shape == Shape::Trust {
            all = json!({"Effect": "Allow", "Action": "sts:*"});
        }
        if shape.takes_principal() {
            all["Principal"] = principals(dice, shape);
        }
        statements.push(all);
    }
    let statements = if statements.len() == 1 && dice.random_bool(0.5) {
        statements.remove(0)
    } else {
        json!(statements)
    };
    match dice.random_range(0..10) {
        0 if !shape.is_organizations() => json!({"Statement": statements}),
        1 if !shape.is_organizations() => json!({"Version": "2008-10-17", "Statement": statements}),
        _ => json!({"Version": "2012-10-17", "Statement": statements}),
    }
}

fn statement(dice: &mut Dice, shape: Shape) -> Value {
    let mut statement = Map::new();
    let deny = shape == Shape::Everyone || dice.random_bool(0.25);
    statement.insert("Effect".into(), json!(if deny { "Deny" } else { "Allow" }));
    if shape.takes_principal() {
        let not = shape == Shape::Resource && dice.random_bool(0.15);
        let name = if not { "NotPrincipal" } else { "Principal" };
        statement.insert(name.into(), principals(dice, shape));
    }
    let not = shape != Shape::Everyone && dice.random_bool(0.15);
    let name = if not { "NotAction" } else { "Action" };
    let actions = match shape {
        Shape::Trust => some(dice, TRUST_PATTERNS, 2),
        _ => patterns(dice, ACTION_PATTERNS, ACTIONS, 1, 3),
    };
    statement.insert(name.into(), actions);
    if shape != Shape::Trust {
        let name = if dice.random_bool(0.15) { "NotResource" } else { "Resource" };
        statement.insert(name.into(), patterns(dice, RESOURCE_PATTERNS, &RESOURCES[1..], 5, 2));
    }
    if dice.random_bool(0.5) {
        statement.insert("Condition".into(), conditions(dice));
    }
    Value::Object(statement)
}

fn principals(dice: &mut Dice, shape: Shape) -> Value {
    if shape == Shape::Everyone || shape == Shape::Resource && dice.random_bool(0.15) {
        return json!("*");
    }
    let mut by_kind: Map<String, Value> = Map::new();
    for _ in 0..dice.random_range(1..=3) {
        let (kind, text) = pick(dice, PRINCIPALS);
        let list = by_kind.entry(kind).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(json!(text));
    }
    Value::Object(by_kind)
}

fn conditions(dice: &mut Dice) -> Value {
    let mut block = Map::new();
    for _ in 0..dice.random_range(1..=2) {
        let of = TYPES.choose(dice).unwrap();
        if dice.random_bool(0.1) {
            let key = pick(dice, of.keys);
            let null = pick(dice, &["Null", "Null", "ForAllValues:Null", "ForAnyValue:Null"]);
            block.insert(null.into(), json!({key: pick(dice, &["true", "false"])}));
            continue;
        }
        let set = pick(dice, &["", "", "", "", "ForAllValues:", "ForAnyValue:"]);
        let if_exists = if dice.random_bool(0.2) { "IfExists" } else { "" };
        let operator = format!("{set}{}{if_exists}", pick(dice, of.operators));
        let mut by_key = Map::new();
        for _ in 0..dice.random_range(1..=2) {
            let key = pick(dice, of.keys);
            let key = if dice.random_bool(0.2) { key.to_uppercase() } else { key.to_owned() };
            if !by_key.keys().any(|k| k.eq_ignore_ascii_case(&key)) {
                by_key.insert(key, some(dice, of.wanted, 3));
            }
        }
        block.insert(operator, Value::Object(by_key));
    }
    Value::Object(block)
}

/// A request that has something to do with such documents.
pub fn ask(dice: &mut Dice, documents: &Documents) -> Ask {
    let user = |name: &str| format!("arn:aws:iam::{OWN}:user/{name}");
    let session = |role: &str, name: &str, path: &str| Who::Session {
        role: format!("arn:aws:iam::{OWN}:role/{path}{role}"),
        session: format!("arn:aws:sts::{OWN}:assumed-role/{role}/{name}"),
    };
    let own = !documents.identity.is_empty()
        || documents.boundary.is_some()
        || documents.session.is_some();
    let who = match dice.random_range(0..if own { 12 } else { 19 }) {
        0..=3 => Who::User(user("ann")),
        4 => Who::User(user("bob")),
        5..=8 => session("R", "s", ""),
        9 => session("r", "s", ""),
        10 => {
            let paths = ["aws-service-role/ec2.amazonaws.com/", "aws-service-roles/", "service/"];
            session("R", "s", pick(dice, &paths))
        }
        11 => Who::Federated {
            arn: format!("arn:aws:sts::{OWN}:federated-user/ann"),
            user: match dice.random_bool(0.8) {
                true => user("bob"),
                false => format!("arn:aws:iam::{OWN}:root"),
            },
        },
        12 | 13 => Who::Root(OWN.to_owned()),
        // A token's holder asks for a role and nothing else.
        14 if documents.is_trust || documents.resource.is_none() => Who::Web(PROVIDER.to_owned()),
        15 | 16 => Who::Service("pods.eks.amazonaws.com".to_owned()),
        17 => Who::Canonical(CANONICAL.to_owned()),
        _ => Who::Anonymous,
    };
    let mut keys = Vec::new();
    for of in TYPES {
        for key in of.keys {
            if dice.random_bool(0.5) {
                let count = pick(dice, &[1, 1, 1, 1, 0, 2]);
                let values = (0..count).map(|_| pick(dice, of.got).to_owned()).collect();
                keys.push(((*key).to_owned(), values));
            }
        }
    }
    let resource_account = match dice.random_range(0..10) {
        0..=2 => Some(OTHER.to_owned()),
        3 | 4 => Some(OWN.to_owned()),
        _ => None,
    };
    Ask {
        who,
        action: pick(dice, ACTIONS).to_owned(),
        resource: if dice.random_bool(0.05) { KEY } else { pick(dice, RESOURCES) }.to_owned(),
        resource_account,
        keys,
    }
}
