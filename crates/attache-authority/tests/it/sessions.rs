//! What a session hands down, what it may not, and where it counts.

use attache_authority::{Authority, Data, Settings};
use attache_oidc::{Algorithm, SigningKey};
use attache_sample_resources::SampleResources;

use crate::support::{AUDIENCE, Keys, Place, SUBJECT, TARGET, World, account, settings};

const WHO: &[(&str, &str)] = &[("Action", "GetCallerIdentity")];

/// A trust policy for whoever of the account may call these actions, a JSON list.
fn trust(actions: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},
        "Principal":{{"AWS":"arn:aws:iam::{TARGET}:root"}}{condition}}}]}}"#
    )
}

/// What a role may that is only to be become.
const NOTHING: &str = r#"["sts:GetCallerIdentity"]"#;
const PLAIN: &str = r#"["sts:AssumeRole"]"#;
const ALL: &str = r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#;

/// Sources: the issues in which EKS Pod Identity's transitive tags need `sts:TagSession` of every next
/// role, and <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>,
/// "Permissions required to set a source identity".
#[tokio::test]
async fn what_a_session_hands_down_must_be_allowed_by_the_next_role() {
    let world = World::new().await;
    let tagged = r#"["sts:AssumeRole","sts:TagSession"]"#;
    let named = r#"["sts:AssumeRole","sts:SetSourceIdentity"]"#;
    let if_team = |team: &str| {
        format!(r#","Condition":{{"StringEquals":{{"aws:RequestTag/Team":"{team}"}}}}"#)
    };
    world.trusting("First", &trust(ALL, ""), r#"["*"]"#).await;
    world.trusting("Plain", &trust(PLAIN, ""), NOTHING).await;
    world.trusting("Tagged", &trust(tagged, ""), NOTHING).await;
    world.trusting("Named", &trust(named, ""), NOTHING).await;
    world.trusting("Red", &trust(tagged, &if_team("red")), NOTHING).await;
    world.trusting("Blue", &trust(tagged, &if_team("blue")), NOTHING).await;
    let administrator = world.administrator(TARGET);
    let begin = |more: &'static [(&str, &str)]| world.become_role(&administrator, "First", more);
    let bare = begin(&[]).await.keys();
    let team = begin(&[
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
        ("TransitiveTagKeys.member.1", "Team"),
    ])
    .await
    .keys();
    let own = begin(&[("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")]).await.keys();
    let ann = begin(&[("SourceIdentity", "ann")]).await.keys();
    for (name, keys, role, wanted) in [
        ("nothing is handed down", &bare, "Plain", None),
        ("a tag of this session alone", &own, "Plain", None),
        ("a transitive tag", &team, "Plain", Some("sts:TagSession")),
        ("a transitive tag that may be set", &team, "Tagged", None),
        ("a transitive tag as a condition", &team, "Red", None),
        ("another value of it", &team, "Blue", Some("sts:AssumeRole")),
        ("a source identity", &ann, "Tagged", Some("sts:SetSourceIdentity")),
        ("a source identity that may be set", &ann, "Named", None),
    ] {
        let (status, code, message) = world.become_role(keys, role, &[]).await.refusal();
        match wanted {
            None => assert_eq!(status, 200, "{name}: {code} {message}"),
            Some(action) => {
                let sentence = format!(
                    "User: arn:aws:sts::{TARGET}:assumed-role/First/test is not authorized to \
                     perform: {action} on resource: arn:aws:iam::{TARGET}:role/{role}"
                );
                assert_eq!(
                    (status, code.as_str(), message),
                    (403, "AccessDenied", sentence),
                    "{name}"
                );
            }
        }
    }
    world.end().await;
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent>
#[tokio::test]
async fn a_session_that_could_have_shown_a_device_and_did_not_is_told_from_a_users_key() {
    let world = World::new().await;
    let deny = |operator: &str| {
        let condition = format!(r#"{{"{operator}":{{"aws:MultiFactorAuthPresent":"false"}}}}"#);
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*","Condition":{condition}}}]}}"#
        )
    };
    let user = world.user("ann", r#"["sts:*"]"#).await;
    let session = world.call("sts", &user, &[("Action", "GetSessionToken")]).await.keys();
    world.trusting("Reader", &trust(PLAIN, ""), NOTHING).await;
    for (operator, of_key, of_session) in [("Bool", 200, 403), ("BoolIfExists", 403, 403)] {
        let put = [
            ("Action", "PutUserPolicy"),
            ("UserName", "ann"),
            ("PolicyName", "p"),
            ("PolicyDocument", &deny(operator)),
        ];
        assert_eq!(world.call("iam", &world.administrator(TARGET), &put).await.status, 200);
        let got = world.become_role(&user, "Reader", &[]).await.status;
        assert_eq!(got, of_key, "{operator} of the user's key");
        let got = world.become_role(&session, "Reader", &[]).await.status;
        assert_eq!(got, of_session, "{operator} of a session without a device");
    }
    world.end().await;
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>
#[tokio::test]
async fn a_users_session_asks_sts_for_a_role_or_for_itself_alone() {
    let world = World::new().await;
    world.trusting("Reader", &trust(PLAIN, ""), NOTHING).await;
    let user = world.user("ann", r#"["*"]"#).await;
    let own = world.call("sts", &user, &[("Action", "GetSessionToken")]).await.keys();
    let all =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let federate = [("Action", "GetFederationToken"), ("Name", "bob"), ("Policy", all)];
    let federated = world.call("sts", &user, &federate).await.keys();
    let info = [("Action", "GetAccessKeyInfo"), ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")];
    let decode = [("Action", "DecodeAuthorizationMessage"), ("EncodedMessage", "x")];
    for keys in [&own, &federated] {
        assert_eq!(world.call("sts", keys, WHO).await.status, 200);
        for members in [&info[..], &decode[..], &federate[..], &[("Action", "GetSessionToken")]] {
            let operation = members[0].1;
            let sentence = format!("Cannot call {operation} with session credentials");
            let wanted = (403, "AccessDenied".to_owned(), sentence);
            assert_eq!(world.call("sts", keys, members).await.refusal(), wanted, "{operation}");
        }
    }
    assert_eq!(world.become_role(&own, "Reader", &[]).await.status, 200);
    assert_eq!(world.become_role(&federated, "Reader", &[]).await.status, 403);
    world.end().await;
}

#[tokio::test]
async fn whoever_hands_a_role_to_instances_must_be_allowed_to_pass_it() {
    let world = World::new().await;
    world.trusting("Reader", &trust(PLAIN, ""), NOTHING).await;
    let some = r#"["iam:CreateInstanceProfile","iam:AddRoleToInstanceProfile"]"#;
    let all = r#"["iam:AddRoleToInstanceProfile","iam:PassRole"]"#;
    let (may_not, may) = (world.user("ann", some).await, world.user("bob", all).await);
    let profile = ("InstanceProfileName", "web");
    let create = [("Action", "CreateInstanceProfile"), profile];
    assert_eq!(world.call("iam", &may_not, &create).await.status, 200);
    let add = [("Action", "AddRoleToInstanceProfile"), profile, ("RoleName", "Reader")];
    let (status, _, message) = world.call("iam", &may_not, &add).await.refusal();
    let wanted = format!("iam:PassRole on resource: arn:aws:iam::{TARGET}:role/Reader");
    assert!(status == 403 && message.contains(&wanted), "{status} {message}");
    assert_eq!(world.call("iam", &may, &add).await.status, 200);
    world.end().await;
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>
#[tokio::test]
async fn a_session_of_the_global_endpoint_is_not_valid_where_a_region_must_be_asked_for() {
    let world = World::new().await;
    let administrator = world.administrator(TARGET);
    let global = Place { host: "sts.amazonaws.com", region: "us-east-1" };
    let regional = Place { host: "sts.us-east-1.amazonaws.com", region: "us-east-1" };
    let new = [("Action", "GetSessionToken")];
    let begin = |to| world.call_to(to, "sts", &administrator, &new);
    let (of_global, of_region) = (begin(global).await.keys(), begin(regional).await.keys());
    let at = |region| Place { host: &world.address, region };
    let invalid = "InvalidClientTokenId";
    for (name, keys, region, wanted) in [
        ("global, at home", &of_global, "eu-west-1", ""),
        ("global, where it was asked for", &of_global, "eu-south-2", invalid),
        ("regional, at home", &of_region, "eu-west-1", ""),
        ("regional, where it was asked for", &of_region, "eu-south-2", ""),
    ] {
        let told = world.call_to(at(region), "sts", keys, WHO).await;
        assert_eq!(told.element("Code"), wanted, "{name}");
    }
    let widen = [
        ("Action", "SetSecurityTokenServicePreferences"),
        ("GlobalEndpointTokenVersion", "v2Token"),
    ];
    assert_eq!(world.call("iam", &administrator, &widen).await.status, 200);
    let wide = begin(global).await.keys();
    assert_eq!(world.call_to(at("eu-south-2"), "sts", &wide, WHO).await.status, 200);
    let told = world.call_to(at("eu-south-2"), "sts", &of_global, WHO).await;
    assert_eq!(told.element("Code"), invalid, "an earlier token stays what it is");
    world.end().await;
}

#[tokio::test]
async fn a_signature_is_for_its_endpoints_service_and_region() {
    let world = World::new().await;
    let keys = world.administrator(TARGET);
    let mismatch = |sentence: &str| (403, "SignatureDoesNotMatch".to_owned(), sentence.to_owned());
    let address = world.address.clone();
    for (host, region, service, wanted) in [
        (
            address.as_str(),
            "moon",
            "sts",
            "Credential should be scoped to a valid region, not 'moon'. ",
        ),
        (
            "sts.eu-west-1.amazonaws.com",
            "us-east-1",
            "sts",
            "Credential should be scoped to a valid region, not 'us-east-1'. ",
        ),
        (
            "sts.amazonaws.com",
            "eu-west-1",
            "sts",
            "Credential should be scoped to a valid region, not 'eu-west-1'. ",
        ),
        (
            "sts.amazonaws.com",
            "us-east-1",
            "iam",
            "Credential should be scoped to correct service: 'sts'. ",
        ),
    ] {
        let told = world.call_to(Place { host, region }, service, &keys, WHO).await;
        assert_eq!(told.refusal(), mismatch(wanted), "{host} {region} {service}");
    }
    world.end().await;
}

/// A region that does not exist, and one of another partition, in the words of each protocol.
#[tokio::test]
async fn a_credential_scope_names_a_region_of_this_partition() {
    let world = World::new().await;
    world.authority.add_services(SampleResources::new(1, &[account(TARGET)]).services());
    let keys = world.administrator(TARGET);
    let valid =
        |region: &str| format!("Credential should be scoped to a valid region, not '{region}'. ");
    let invalid = "The security token included in the request is invalid.";
    for region in ["us-esat-1", "eu-atlantis-1", "moon", "us-east-1a", "US-EAST-1", "aws-cn-global"]
    {
        let told = world.call_to(Place { host: &world.address, region }, "sts", &keys, WHO).await;
        let wanted = (403, "SignatureDoesNotMatch".to_owned(), valid(region));
        assert_eq!(told.refusal(), wanted, "{region}");
        let (status, code, message) = list_accounts(&world, &keys, region).await;
        assert_eq!(code, "InvalidSignatureException", "{region}");
        assert_eq!((status, message), (400, valid(region)), "{region}");
    }
    for region in ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1"] {
        let to = Place { host: &world.address, region };
        let told = world.call_to(to, "sts", &keys, WHO).await;
        let wanted = (403, "InvalidClientTokenId".to_owned(), invalid.to_owned());
        assert_eq!(told.refusal(), wanted, "{region}");
        let (status, code, message) = list_accounts(&world, &keys, region).await;
        assert_eq!(code, "UnrecognizedClientException", "{region}");
        assert_eq!((status, message.as_str()), (400, invalid), "{region}");
        let told = world.call_to(to, "ec2", &keys, &[("Action", "DescribeVpcs")]).await;
        assert_eq!((told.status, told.element("Code").as_str()), (401, "AuthFailure"), "{region}");
    }
    for region in ["eu-west-1", "eu-south-2", "ap-southeast-7", "aws-global"] {
        let to = Place { host: &world.address, region };
        assert_eq!(world.call_to(to, "sts", &keys, WHO).await.status, 200, "{region}");
    }
    world.end().await;
}

/// Status, code and message of `ListAccounts`, which is refused in JSON.
async fn list_accounts(world: &World, keys: &Keys, region: &str) -> (u16, String, String) {
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AWSOrganizationsV20161128.ListAccounts"),
    ];
    let (to, now) = (Place { host: &world.address, region }, std::time::SystemTime::now());
    let told = world.signed_to(to, "organizations", keys, &headers, "{}", now).await;
    let body: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let text = |names: [&str; 2]| {
        names.iter().find_map(|name| body[*name].as_str()).unwrap_or_default().to_owned()
    };
    (told.status, text(["__type", "code"]), text(["message", "Message"]))
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion>
#[tokio::test]
async fn iam_is_called_in_its_one_region_whatever_the_client_signs_for() {
    let world = World::new().await;
    let user = world.user("ann", NOTHING).await;
    let to = Place { host: &world.address, region: "eu-west-1" };
    for (region, status) in [("us-east-1", 200), ("eu-west-1", 403)] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"iam:*","Resource":"*",
            "Condition":{{"StringEquals":{{"aws:RequestedRegion":"{region}"}}}}}}]}}"#
        );
        let put = [
            ("Action", "PutUserPolicy"),
            ("UserName", "ann"),
            ("PolicyName", "p"),
            ("PolicyDocument", &policy),
        ];
        assert_eq!(world.call("iam", &world.administrator(TARGET), &put).await.status, 200);
        let told = world.call_to(to, "iam", &user, &[("Action", "ListRoles")]).await;
        assert_eq!(told.status, status, "{region}: {told:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_signature_that_is_not_right_is_refused_in_its_services_words() {
    let world = World::new().await;
    let head =
        format!("GET /clusters HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", world.address);
    let signed = "authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/eks/aws4_request, \
                  SignedHeaders=host, Signature=none\r\nx-amz-date: 20260101T000000Z\r\n\r\n";
    let told = world.send(format!("{head}{signed}").as_bytes()).await;
    assert!(told.body.starts_with(r#"{"__type":"IncompleteSignatureException""#), "{told:?}");
    world.end().await;
}

#[tokio::test]
async fn who_is_new_is_unknown_to_every_service_until_the_delay_is_over() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let delay = std::time::Duration::from_secs(3_600);
    let settings = Settings { propagation_delay: delay, ..settings(Data::Memory, &key) };
    let world = World::serving(Authority::open(settings).await.unwrap(), key).await;
    let user = world.user("ann", r#"["*"]"#).await;
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AWSOrganizationsV20161128.DescribeOrganization"),
    ];
    let now = std::time::SystemTime::now();
    let told = world.signed("organizations", &user, &headers, "{}", now).await;
    assert!(told.body.contains("UnrecognizedClientException"), "{told:?}");
    let administrator = world.administrator(TARGET);
    let told = world.signed("organizations", &administrator, &headers, "{}", now).await;
    assert_eq!(told.status, 200, "{told:?}");
    world.end().await;
}

#[tokio::test]
async fn each_policy_decision_of_sts_is_explained() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let settings = Settings { explain: true, ..settings(Data::Memory, &key) };
    let world = World::serving(Authority::open(settings).await.unwrap(), key).await;
    world.set_up("Reader", r#""*""#).await;
    world.trusting("First", &trust(ALL, ""), NOTHING).await;
    let administrator = world.administrator(TARGET);
    let told = [
        (world.become_role(&administrator, "First", &[("SourceIdentity", "ann")]).await, 2),
        (world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await, 1),
        (world.assume("Reader", world.token("other", AUDIENCE).expose()).await, 1),
    ];
    for (told, steps) in told {
        let path = told.head.lines().find_map(|line| line.strip_prefix("x-attache-decision: "));
        let get = format!(
            "GET {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            path.unwrap(),
            world.address
        );
        let why = world.send(get.as_bytes()).await;
        let why: serde_json::Value = serde_json::from_str(&why.body).unwrap();
        assert_eq!(why["steps"].as_array().unwrap().len(), steps, "{why:#}");
        assert!(why["steps"][0]["text"].as_str().unwrap().contains("sts:AssumeRole"), "{why:#}");
        assert!(!why.to_string().contains("eyJ"), "no token is kept");
    }
    world.end().await;
}
