//! Every sentence and code of STS's answers to a web identity, each a row named after it.
//!
//! Most were recorded from AWS in 2026; `docs/authority.md` has the table.

use serde_json::{Value, json};

use crate::support::token::{forge, header, now, payload};
use crate::support::{AUDIENCE, ISSUER, SUBJECT, TARGET, Told, World};

const NOT_VALIDATED: &str = "The web identity token provided could not be validated. See the \
                             AssumeRoleWithWebIdentity documentation for requirements.";
const NOT_A_JWT: &str = "The ID Token provided is not a valid JWT. (You may see this error if you sent an \
                         Access Token)";
const SEVERAL: &str =
    "Token audience contains more than one audience while authorized party is not present";
const TIMESTAMP: &str = "Invalid timestamp in token claims.";
const EMPTY_AUDIENCE: &str = "Claim is not allowed to be empty: aud";
const PRINCIPAL_TAGS: &str = "principal_tags passed in claim is not in correct format.";
const ROLES: &str = "https://aws.amazon.com/roles";
const TAGS: &str = "https://aws.amazon.com/tags";
const ROLES_FORMAT: &str = "The roles claim is not in a supported format";
const NO_ROLES: &str = "The roles claim contains no valid role ARNs";
const ROLE_ABSENT: &str =
    "The target role ARN is not present in the roles claim of the identity token";
const NULL_SUBJECT: &str = "Unknown error validating third-party token";

/// A name, the claims, and the status, code and message of the refusal.
type Row<'t> = (&'t str, Vec<(&'t str, Value)>, (u16, &'t str), &'t str);

/// The role `Open` trusts whoever has the audience.
async fn world() -> World {
    let world = World::new().await;
    world.set_up("Reader", r#"["*"]"#).await;
    let tail = ISSUER.strip_prefix("https://").unwrap();
    let open = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn()},
        "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": {"StringEquals": {format!("{tail}:aud"): AUDIENCE}},
    }]});
    world.trusting("Open", &open.to_string(), r#"["*"]"#).await;
    world
}

fn provider_arn() -> String {
    ISSUER.replacen("https://", &["arn:aws:iam::", TARGET, ":oidc-provider/"].concat(), 1)
}

fn role(name: &str) -> String {
    ["arn:aws:iam::", TARGET, ":role/", name].concat()
}

/// A call for the role `Open`, with these members in place of its own.
async fn call(world: &World, token: &str, members: &[(&str, &str)]) -> Told {
    let role = role("Open");
    let mut all = vec![
        ("Action", "AssumeRoleWithWebIdentity"),
        ("RoleArn", role.as_str()),
        ("RoleSessionName", "test"),
        ("WebIdentityToken", token),
    ];
    for (name, value) in members {
        all.retain(|(own, _)| own != name);
        all.push((name, value));
    }
    world.unsigned("sts", &all).await
}

/// A token of the cluster's with these claims.
fn token(world: &World, claims: &Value) -> String {
    forge(&world.key, &header(&world.key).to_string(), &claims.to_string())
}

fn refused(told: &Told, name: &str, (status, code): (u16, &str), message: &str) {
    assert_eq!(told.refusal(), (status, code.to_owned(), message.to_owned()), "{name}");
}

const INVALID: (u16, &str) = (400, "InvalidIdentityToken");

#[tokio::test]
async fn claims_that_are_not_what_they_must_be() {
    let world = world().await;
    let future = now() + 1000;
    let issued = format!("Token issued in the future: {future}");
    let none = format!("No OpenIDConnect provider found in your account for {ISSUER}/x");
    let cases: Vec<Row<'_>> = vec![
        ("another audience", vec![("aud", json!("other"))], INVALID, NOT_VALIDATED),
        ("another audience in a list", vec![("aud", json!(["other"]))], INVALID, NOT_VALIDATED),
        ("an empty audience text", vec![("aud", json!(""))], INVALID, NOT_VALIDATED),
        ("an empty text in a list", vec![("aud", json!([""]))], INVALID, NOT_VALIDATED),
        ("another authorized party", vec![("azp", json!("client"))], INVALID, NOT_VALIDATED),
        (
            "an audience in other letters",
            vec![("aud", json!("STS.amazonaws.com"))],
            INVALID,
            NOT_VALIDATED,
        ),
        ("several audiences", vec![("aud", json!([AUDIENCE, "b"]))], INVALID, SEVERAL),
        ("one audience twice", vec![("aud", json!([AUDIENCE, AUDIENCE]))], INVALID, SEVERAL),
        ("an empty list of audiences", vec![("aud", json!([]))], INVALID, EMPTY_AUDIENCE),
        ("an audience of null", vec![("aud", Value::Null)], INVALID, EMPTY_AUDIENCE),
        ("iat: null", vec![("iat", Value::Null)], INVALID, TIMESTAMP),
        ("exp: null", vec![("exp", Value::Null)], INVALID, TIMESTAMP),
        ("nbf: null", vec![("nbf", Value::Null)], INVALID, TIMESTAMP),
        ("a fractional exp", vec![("exp", json!(4_102_444_800.5))], INVALID, TIMESTAMP),
        ("a fraction of zero", vec![("iat", json!(1_700_000_000.0))], INVALID, TIMESTAMP),
        ("a fraction as text", vec![("exp", json!("4102444800.0"))], INVALID, TIMESTAMP),
        ("an exponent as text", vec![("nbf", json!("1e9"))], INVALID, TIMESTAMP),
        ("a date", vec![("exp", json!("2027-01-01T00:00:00Z"))], INVALID, TIMESTAMP),
        ("a bool for a time", vec![("iat", json!(true))], INVALID, TIMESTAMP),
        ("issued in the future", vec![("iat", json!(future))], INVALID, &issued),
        ("sub: null", vec![("sub", Value::Null)], (500, "InternalFailure"), NULL_SUBJECT),
        ("iss: null", vec![("iss", Value::Null)], (500, "InternalFailure"), NULL_SUBJECT),
        ("no provider", vec![("iss", json!(format!("{ISSUER}/x")))], INVALID, &none),
        ("another role", vec![(ROLES, json!([role("Reader")]))], INVALID, ROLE_ABSENT),
        (
            "other roles as text",
            vec![(ROLES, json!(format!("{};{}", role("A"), role("B"))))],
            INVALID,
            ROLE_ABSENT,
        ),
        ("the role in other letters", vec![(ROLES, json!([role("OPEN")]))], INVALID, ROLE_ABSENT),
        ("a number of roles", vec![(ROLES, json!(1))], INVALID, ROLES_FORMAT),
        ("a bool for roles", vec![(ROLES, json!(false))], INVALID, ROLES_FORMAT),
        ("an object of roles", vec![(ROLES, json!({"role": role("Open")}))], INVALID, ROLES_FORMAT),
        ("an empty list of roles", vec![(ROLES, json!([]))], INVALID, NO_ROLES),
        ("an empty text of roles", vec![(ROLES, json!(""))], INVALID, NO_ROLES),
        ("roles that are no texts", vec![(ROLES, json!([1, null, {}]))], INVALID, NO_ROLES),
        (
            "roles that are no roles",
            vec![(ROLES, json!(["Open", "arn:aws:s3:::b"]))],
            INVALID,
            NO_ROLES,
        ),
        (
            "tags that are texts",
            vec![(TAGS, json!({"principal_tags": {"a": "b"}}))],
            INVALID,
            PRINCIPAL_TAGS,
        ),
        (
            "tags of two values",
            vec![(TAGS, json!({"principal_tags": {"a": ["b", "c"]}}))],
            INVALID,
            PRINCIPAL_TAGS,
        ),
        (
            "tags that are a list",
            vec![(TAGS, json!({"principal_tags": ["a"]}))],
            INVALID,
            PRINCIPAL_TAGS,
        ),
        (
            "a transitive tag that is not requested",
            vec![(TAGS, json!({"principal_tags": {"a": ["b"]}, "transitive_tag_keys": ["c"]}))],
            (400, "InvalidParameterValue"),
            "The specified transitive tag key must be included in the requested tags.",
        ),
        (
            "tags that differ in case",
            vec![(TAGS, json!({"principal_tags": {"a": ["b"], "A": ["b"]}}))],
            (400, "InvalidParameterValue"),
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            "tags that are too large",
            vec![(TAGS, large_tags())],
            (400, "PackedPolicyTooLarge"),
            "Packed size of session tags consumes 112% of allotted space.",
        ),
        (
            "another subject for a role that names one",
            vec![("sub", json!("system:serviceaccount:other:other"))],
            (403, "AccessDenied"),
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ),
    ];
    for (name, members, code, message) in cases {
        let role = role(if code.0 == 403 { "Reader" } else { "Open" });
        let told = call(&world, &token(&world, &payload(&members)), &[("RoleArn", &role)]).await;
        refused(&told, name, code, message);
    }
    for claim in ["iss", "sub", "aud", "iat", "exp"] {
        let mut claims = payload(&[]);
        claims.as_object_mut().unwrap().remove(claim);
        let told = call(&world, &token(&world, &claims), &[]).await;
        refused(&told, claim, INVALID, &format!("Missing a required claim: {claim}"));
    }
    world.end().await;
}

/// Ten tags of 228 characters.
fn large_tags() -> Value {
    let tags = (0..10).map(|n| (format!("t{n:02}"), json!(["v".repeat(225)])));
    json!({"principal_tags": tags.collect::<serde_json::Map<_, _>>()})
}

#[tokio::test]
async fn claims_that_pass() {
    let world = world().await;
    let now = now();
    for (name, members, subject) in [
        ("nothing special", vec![], SUBJECT),
        ("an audience as text", vec![("aud", json!(AUDIENCE))], SUBJECT),
        (
            "an authorized party alone counts",
            vec![("aud", json!(["a", "b"])), ("azp", json!(AUDIENCE))],
            SUBJECT,
        ),
        ("an empty subject", vec![("sub", json!(""))], ""),
        ("a numeric subject", vec![("sub", json!(42))], "42"),
        (
            "times as text",
            vec![("iat", json!(now.to_string())), ("exp", json!((now + 60).to_string()))],
            SUBJECT,
        ),
        ("five minutes of leeway on exp", vec![("exp", json!(now - 290))], SUBJECT),
        ("five minutes of leeway on iat", vec![("iat", json!(now + 290))], SUBJECT),
        ("five minutes of leeway on nbf", vec![("nbf", json!(now + 290))], SUBJECT),
        ("roles: null", vec![(ROLES, Value::Null)], SUBJECT),
        (
            "the role in a list",
            vec![(ROLES, json!([1, "x", role("Reader"), role("Open")]))],
            SUBJECT,
        ),
        ("the role in a text", vec![(ROLES, json!(format!("x; {} ;", role("Open"))))], SUBJECT),
        (
            "tags",
            vec![(TAGS, json!({"principal_tags": {"a": ["b"]}, "transitive_tag_keys": ["A"]}))],
            SUBJECT,
        ),
    ] {
        let told = call(&world, &token(&world, &payload(&members)), &[]).await;
        assert_eq!(told.status, 200, "{name}: {told:?}");
        assert_eq!(told.element("SubjectFromWebIdentityToken"), subject, "{name}");
        assert_eq!(told.element("Audience"), AUDIENCE, "{name}");
        assert_eq!(told.element("Provider"), provider_arn(), "{name}");
    }
    let hours = [("DurationSeconds", "3600")];
    let told = call(&world, &token(&world, &payload(&[("exp", json!(now + 60))])), &hours).await;
    assert_eq!(told.status, 200, "a token of a minute can give an hour: {told:?}");
    world.end().await;
}

#[tokio::test]
async fn of_two_members_with_one_name_the_last_counts() {
    let world = world().await;
    let text = payload(&[]).to_string();
    let good = format!(r#"{{"aud":"other","sub":"x",{}"#, &text[1..]);
    let bad = format!(r#"{},"aud":"other"}}"#, &text[..text.len() - 1]);
    let of = |payload: &str| forge(&world.key, &header(&world.key).to_string(), payload);
    assert_eq!(call(&world, &of(&good), &[]).await.status, 200, "the last is the good one");
    refused(
        &call(&world, &of(&bad), &[]).await,
        "the last is another audience",
        INVALID,
        NOT_VALIDATED,
    );
    let kid = world.key.key_id();
    let twice = format!(r#"{{"alg":"none","kid":"x","alg":"ES256","kid":"{kid}"}}"#);
    let told = call(&world, &forge(&world.key, &twice, &text), &[]).await;
    assert_eq!(told.status, 200, "in a header too: {told:?}");
    world.end().await;
}

#[tokio::test]
async fn a_token_that_is_too_old_or_too_new_has_both_times_in_its_answer() {
    let world = world().await;
    let now = now();
    let (exp, nbf) = (now - 1000, now + 1000);
    let expired = call(&world, &token(&world, &payload(&[("exp", json!(exp))])), &[]).await;
    let (status, code, message) = expired.refusal();
    assert_eq!((status, code.as_str()), (400, "ExpiredTokenException"));
    let sentence = |now: i64| {
        format!(
            "Token expired: current date/time {now} must be before the expiration date/time {exp}"
        )
    };
    assert!((0..5).any(|late| sentence(now - 300 + late) == message), "{message}");
    let early = call(&world, &token(&world, &payload(&[("nbf", json!(nbf))])), &[]).await;
    let (status, code, message) = early.refusal();
    assert_eq!((status, code.as_str()), (400, "InvalidIdentityToken"));
    let sentence = |now: i64| {
        format!(
            "Token not yet valid: current date/time {now} must be after or equal to the not-before \
             date/time {nbf}"
        )
    };
    assert!((0..5).any(|late| sentence(now + 300 + late) == message), "{message}");
    world.end().await;
}

#[tokio::test]
async fn a_header_with_crit_is_no_jwt() {
    let world = world().await;
    for crit in [json!(["b64"]), json!(["exp"]), json!([]), json!("x")] {
        let mut header = header(&world.key);
        header["crit"] = crit.clone();
        let token = forge(&world.key, &header.to_string(), &payload(&[]).to_string());
        refused(&call(&world, &token, &[]).await, &crit.to_string(), INVALID, NOT_A_JWT);
    }
    for text in ["not-a-jwt-token", "a.b.c", "a..b", "ya29.a0AfH6SMBx", "a.b.c.d.e"] {
        refused(&call(&world, text, &[]).await, text, INVALID, NOT_A_JWT);
    }
    world.end().await;
}

#[tokio::test]
async fn a_jwt_goes_with_no_oauth_provider() {
    let world = world().await;
    let unknown = "Unrecognized OAuth provider. Do not include a provider parameter when submitting \
                   OpenIDConnect ID tokens";
    let token = token(&world, &payload(&[]));
    for (provider, code, message) in [
        ("accounts.google.com", (403, "AccessDenied"), unknown),
        ("issuer.example", (403, "AccessDenied"), unknown),
        ("WWW.amazon.com", (403, "AccessDenied"), unknown),
        ("www.amazon.com", INVALID, "Provided Token is not a Login With Amazon token"),
        (
            "graph.facebook.com",
            (403, "IDPRejectedClaim"),
            "The identity provider reported that authentication failed.",
        ),
    ] {
        refused(&call(&world, &token, &[("ProviderId", provider)]).await, provider, code, message);
    }
    world.end().await;
}

#[tokio::test]
async fn parameters_that_are_not_what_they_must_be() {
    let world = world().await;
    let token = token(&world, &payload(&[]));
    let validation = (400, "ValidationError");
    let one = "1 validation error detected: Value";
    for (name, member, code, message) in [
        (
            "a session name with a colon",
            ("RoleSessionName", "Session1:2"),
            validation,
            format!(
                "{one} 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must \
                 satisfy regular expression pattern: [\\w+=,.@-]*"
            ),
        ),
        (
            "a session name of one character",
            ("RoleSessionName", "a"),
            validation,
            format!(
                "{one} 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length \
                 greater than or equal to 2"
            ),
        ),
        (
            "an ARN that is none",
            ("RoleArn", "nothing-valid-in-here"),
            validation,
            "nothing-valid-in-here is invalid".to_owned(),
        ),
        (
            "a duration over the role's maximum",
            ("DurationSeconds", "3601"),
            validation,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
                .to_owned(),
        ),
        (
            "a duration over all maxima",
            ("DurationSeconds", "43201"),
            validation,
            format!(
                "{one} '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value \
                 less than or equal to 43200"
            ),
        ),
        (
            "a role that does not exist",
            ("RoleArn", "arn:aws:iam::222222222222:role/Nobody"),
            (403, "AccessDenied"),
            "Not authorized to perform sts:AssumeRoleWithWebIdentity".to_owned(),
        ),
        (
            "a role of an account without the provider",
            ("RoleArn", "arn:aws:iam::111111111111:role/Nobody"),
            INVALID,
            format!("No OpenIDConnect provider found in your account for {ISSUER}"),
        ),
    ] {
        refused(&call(&world, &token, &[member]).await, name, code, &message);
    }
    world.end().await;
}

/// `Principal: {"AWS": "*"}` does not authorise a web identity, and during trust evaluation the token's
/// holder is a user without an ARN.
#[tokio::test]
async fn what_a_trust_policy_sees_of_a_web_identity() {
    let world = world().await;
    let tail = ISSUER.strip_prefix("https://").unwrap();
    let federated = json!({"Federated": provider_arn()});
    let azp = payload(&[
        ("aud", json!("original")),
        ("azp", json!(AUDIENCE)),
        ("amr", json!(["pwd", "mfa"])),
    ]);
    let token = token(&world, &azp);
    for (number, (name, principal, condition, allowed)) in [
        ("anyone of AWS", json!({"AWS": "*"}), json!({}), false),
        (
            "its audience is azp",
            federated.clone(),
            json!({"StringEquals": {format!("{tail}:aud"): AUDIENCE}}),
            true,
        ),
        (
            "its own audience",
            federated.clone(),
            json!({"StringEquals": {format!("{tail}:oaud"): "original"}}),
            true,
        ),
        (
            "not azp as its own",
            federated.clone(),
            json!({"StringEquals": {format!("{tail}:oaud"): AUDIENCE}}),
            false,
        ),
        (
            "its methods",
            federated.clone(),
            json!({"ForAnyValue:StringEquals": {format!("{tail}:amr"): "mfa"}}),
            true,
        ),
        (
            "the account",
            federated.clone(),
            json!({"StringEquals": {"aws:PrincipalAccount": TARGET}}),
            true,
        ),
        (
            "the type",
            federated.clone(),
            json!({"StringEquals": {"aws:PrincipalType": "User"}}),
            true,
        ),
        (
            "the id",
            federated.clone(),
            json!({"StringEquals": {"aws:userid": provider_arn()}}),
            true,
        ),
        ("no ARN", federated.clone(), json!({"Null": {"aws:PrincipalArn": "true"}}), true),
        (
            "no list of roles",
            federated.clone(),
            json!({"Bool": {"sts:RoleAuthorizedByIdp": "false"}}),
            true,
        ),
        ("no other claim", federated, json!({"Null": {format!("{tail}:iss"): "true"}}), true),
    ]
    .into_iter()
    .enumerate()
    {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": principal,
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}]});
        let name_of_role = format!("R{number}");
        world.trusting(&name_of_role, &trust.to_string(), r#"["*"]"#).await;
        let told = call(&world, &token, &[("RoleArn", &role(&name_of_role))]).await;
        assert_eq!(told.status, if allowed { 200 } else { 403 }, "{name}: {told:?}");
    }
    world.end().await;
}
