//! XML: what a document says, what it must not have, and the way back.

use attache_aws_protocol::xml::{self, Lists, MAX_DEPTH, MAX_ELEMENTS, decode, encode};
use attache_aws_protocol::{WireError, select};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[test]
fn a_document_is_its_elements_and_text() {
    let cases = [
        ("<R/>", json!("")),
        ("<R>x</R>", json!("x")),
        ("<?xml version=\"1.0\"?>\n<R xmlns=\"u\"><a b=\"c\">1</a></R>\n", json!({"a": "1"})),
        ("<s:R xmlns:s=\"u\"><s:a>1</s:a></s:R>", json!({"a": "1"})),
        ("<R>\n  <a>1</a>\n  <a>2</a>\n</R>", json!({"a": ["1", "2"]})),
        ("<R><a> 1 </a><b>  </b></R>", json!({"a": " 1 ", "b": "  "})),
        ("<R>&lt;&amp;&gt;&quot;&apos;&#65;&#x1F980;</R>", json!("<&>\"'A🦀")),
        ("<R>a<![CDATA[<b>&c;]]>d</R>", json!("a<b>&c;d")),
        ("<R>a<!-- b -->c<?d e?></R>", json!("ac")),
    ];
    for (text, value) in cases {
        assert_eq!(decode(text).unwrap(), value, "{text}");
    }
    assert_eq!(xml::parse("<s:Error><Code>x</Code></s:Error>").unwrap().root, "Error");
}

#[test]
fn a_document_that_could_harm_or_is_none_is_refused() {
    type Is = fn(&WireError) -> bool;
    let malformed: Is = |e| matches!(e, WireError::Xml { .. });
    let bomb = "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><R>&b;</R>";
    let outside = "<!DOCTYPE R SYSTEM \"file:///etc/passwd\"><R/>";
    let cases: &[(&str, Is)] = &[
        (bomb, |e| matches!(e, WireError::Doctype)),
        (outside, |e| matches!(e, WireError::Doctype)),
        ("<R>&b;</R>", |e| matches!(e, WireError::Entity { name } if name == "b")),
        ("<R>&#0;</R>", malformed),
        ("<R>&#xD800;</R>", malformed),
        ("<R>&#xFFFFFFFFF;</R>", malformed),
        ("<R>&amp</R>", malformed),
        ("", malformed),
        ("text", malformed),
        ("<R>", malformed),
        ("</R>", malformed),
        ("<R></S>", malformed),
        ("<R/><R/>", malformed),
        ("<R/>text", malformed),
        ("<R", malformed),
        ("<R><![CDATA[x</R>", malformed),
    ];
    for (text, is) in cases {
        let error = decode(text).unwrap_err();
        assert!(is(&error), "{text}: {error:?}");
    }
}

#[test]
fn a_document_has_limits() {
    let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(decode(&nested(MAX_DEPTH)).is_ok());
    let deeper = decode(&nested(MAX_DEPTH + 1));
    assert!(matches!(deeper, Err(WireError::TooDeep { limit: MAX_DEPTH, .. })));
    let many = format!("<R>{}</R>", "<a/>".repeat(MAX_ELEMENTS));
    assert!(matches!(decode(&many), Err(WireError::TooMany { limit: MAX_ELEMENTS, .. })));
    let large = format!("<R>{}</R>", "x".repeat(xml::MAX_XML_BYTES));
    assert!(matches!(decode(&large), Err(WireError::TooLarge { .. })));
}

const RDS: Lists =
    Lists { default: "member", named: &[("DBInstances", "DBInstance"), ("Contents", "")] };

#[test]
fn a_value_is_written_with_its_lists_item_names() {
    let value = json!({
        "DBInstances": [{"Id": "a", "Port": 3306}, {"Id": "b", "Multi": true, "None": null}],
        "Names": ["x"], "Empty": [], "Contents": [{"Key": "k"}, {"Key": "l"}],
    });
    assert_eq!(
        encode("R", "http://u/", &value, &RDS).unwrap(),
        "<R xmlns=\"http://u/\"><DBInstances><DBInstance><Id>a</Id><Port>3306</Port></DBInstance>\
         <DBInstance><Id>b</Id><Multi>true</Multi></DBInstance></DBInstances>\
         <Names><member>x</member></Names><Empty></Empty>\
         <Contents><Key>k</Key></Contents><Contents><Key>l</Key></Contents></R>",
    );
    assert!(matches!(encode("R", "", &json!({"a b": 1}), &RDS), Err(WireError::Unwritable { .. })));
}

#[test]
fn whole_answers_carry_their_request_id() {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Result {
        account: String,
    }
    let result = Result { account: "111111111111".to_owned() };
    let url = "https://sts.amazonaws.com/doc/2011-06-15/";
    let answer = xml::query_response(
        "GetCallerIdentity",
        url,
        &serde_json::to_value(result).unwrap(),
        &Lists::QUERY,
        "id-1",
    )
    .unwrap();
    assert_eq!(
        answer.body,
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Account>111111111111</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    );
    assert_eq!(answer.headers["x-amzn-requestid"], "id-1");
    let nothing =
        xml::query_response("DeleteRole", "", &serde_json::Value::Null, &Lists::QUERY, "id-2")
            .unwrap();
    assert_eq!(
        nothing.body,
        "<DeleteRoleResponse><ResponseMetadata><RequestId>id-2</RequestId></ResponseMetadata>\
         </DeleteRoleResponse>"
    );
    let empty = xml::query_response("UpdateRole", "", &json!({}), &Lists::QUERY, "id-2").unwrap();
    let text = std::str::from_utf8(&empty.body).unwrap();
    assert!(text.contains("<UpdateRoleResult></UpdateRoleResult>"), "clients look for it");
    let page = json!({"vpcSet": [{"vpcId": "vpc-1"}]});
    let answer = xml::ec2_response("DescribeVpcs", &page, "id-3").unwrap();
    let text = std::str::from_utf8(&answer.body).unwrap();
    assert!(text.contains("<requestId>id-3</requestId><vpcSet><item><vpcId>vpc-1</vpcId></item>"));
    let read = decode(text).unwrap();
    assert_eq!(select(&read, "vpcSet.item.vpcId"), [&json!("vpc-1")]);
}

#[test]
fn a_document_is_read_as_a_typed_value() {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Page {
        vpc_set: Vec<Vpc>,
        next_token: Option<String>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Vpc {
        vpc_id: String,
        is_default: bool,
    }
    let page =
        |inner: &str| xml::read::<Page>(&decode(&format!("<R>{inner}</R>")).unwrap()).unwrap();
    let item = "<item><vpcId>v</vpcId><isDefault>true</isDefault></item>";
    let vpc = || Vpc { vpc_id: "v".to_owned(), is_default: true };
    assert_eq!(page("<vpcSet/>").vpc_set, []);
    assert_eq!(page(&format!("<vpcSet>{item}</vpcSet>")).vpc_set, [vpc()]);
    assert_eq!(page(&format!("<vpcSet>{item}{item}</vpcSet>")).vpc_set, [vpc(), vpc()]);
}

#[test]
fn a_typed_value_is_written_as_its_json_would_be() {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        absent: Option<u8>,
        there: Option<i16>,
        unit: (),
        ratio: f64,
        no_number: f32,
        letter: char,
        pair: (u64, &'static str),
        kind: Kind,
        held: Kind,
        contents: Vec<Key>,
        rows: Vec<Vec<Option<bool>>>,
        tags: std::collections::BTreeMap<String, i64>,
        none: Vec<String>,
    }
    #[derive(Serialize)]
    struct Key(String);
    #[derive(Serialize)]
    enum Kind {
        Plain,
        Holds(Option<i8>),
    }
    let page = Page {
        absent: None,
        there: Some(-3),
        unit: (),
        ratio: 1.0,
        no_number: f32::NAN,
        letter: '<',
        pair: (u64::MAX, "&"),
        kind: Kind::Plain,
        held: Kind::Holds(Some(1)),
        contents: vec![Key("a".to_owned()), Key("b".to_owned())],
        rows: vec![vec![Some(true), None], vec![]],
        tags: [("Team".to_owned(), 1), ("_x".to_owned(), -1)].into(),
        none: Vec::new(),
    };
    let text = encode("R", "", &page, &RDS).unwrap();
    let as_json = serde_json::to_value(&page).unwrap();
    assert_eq!(text, encode("R", "", &as_json, &RDS).unwrap());
    assert_eq!(
        text,
        "<R><There>-3</There><Ratio>1.0</Ratio><Letter>&lt;</Letter><Pair>\
         <member>18446744073709551615</member><member>&amp;</member></Pair><Kind>Plain</Kind>\
         <Held><Holds>1</Holds></Held><Contents>a</Contents><Contents>b</Contents><Rows><member>\
         <member>true</member><member></member></member><member></member></Rows>\
         <Tags><Team>1</Team><_x>-1</_x></Tags><None></None></R>",
    );
    let bare = encode("R", "", &Kind::Holds(None), &RDS).unwrap();
    assert_eq!(bare, "<R></R>");
}

#[test]
fn what_has_no_form_in_xml_is_an_error() {
    #[derive(Serialize)]
    enum Odd {
        Pair(u8, u8),
        Named { a: u8 },
    }
    let unwritable = |value: &dyn Fn() -> Result<String, WireError>| {
        assert!(matches!(value(), Err(WireError::Unwritable { .. })));
    };
    unwritable(&|| encode("R", "", &Odd::Pair(1, 2), &RDS));
    unwritable(&|| encode("R", "", &Odd::Named { a: 1 }, &RDS));
    unwritable(&|| encode("R", "", &std::collections::BTreeMap::from([(1, 2)]), &RDS));
    unwritable(&|| encode("R", "", &std::collections::BTreeMap::from([("a&b", 2)]), &RDS));
}

/// Values that XML can tell apart: lists have at least two items, structures at least one member.
fn value() -> impl Strategy<Value = Value> {
    // Not control characters, which XML 1.0 has none of.
    let leaf = "[^\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\u{FFFE}\u{FFFF}]{0,12}".prop_map(Value::String);
    leaf.prop_recursive(4, 32, 5, |inner| {
        let pairs = vec(("[A-Za-z_][A-Za-z0-9_.-]{0,8}", inner.clone()), 1..5);
        let list = vec(inner, 2..5).prop_map(|items| json!({"member": items}));
        prop_oneof![list, pairs.prop_map(|pairs| Value::Object(pairs.into_iter().collect()))]
    })
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(value in value()) {
        // Flat lists, since "member" is in the value itself.
        let flat = Lists { default: "", named: &[] };
        let text = encode("R", "https://example.com/", &value, &flat).unwrap();
        prop_assert_eq!(decode(&text).unwrap(), value, "{}", text);
    }

    #[test]
    fn any_text_can_be_written_and_read(text in any::<String>()) {
        let document = encode("R", "", &json!({"a": text}), &Lists::QUERY).unwrap();
        let read = decode(&document).unwrap();
        let kept = |c: char| (' '..'\u{fffe}').contains(&c) && c != '\u{fffd}';
        let (got, wanted): (String, String) = (
            read["a"].as_str().unwrap().chars().filter(|c| kept(*c)).collect(),
            text.chars().filter(|c| kept(*c)).collect(),
        );
        prop_assert_eq!(got, wanted);
    }

    #[test]
    fn no_text_makes_the_decoder_panic(text in "([<>/&;!?\\[\\]\"'=a-c# -]|<a>|</a>|<!--|&#|\\PC){0,60}") {
        // What is read is written and read again as the same.
        if let Ok(value) = decode(&text)
            && let Ok(written) = encode("R", "", &value, &Lists { default: "", named: &[] })
        {
            prop_assert_eq!(decode(&written).unwrap(), value, "{}", written);
        }
    }
}

#[test]
fn a_documents_namespace_is_its_roots_own() {
    for (text, namespace) in [
        (r#"<R xmlns="http://a/1/"><x xmlns="http://b/"/></R>"#, "http://a/1/"),
        (r#"<p:R xmlns="http://a/" xmlns:p="http://p/"/>"#, "http://p/"),
        (r#"<R><x xmlns="http://b/"/></R>"#, ""),
        (r#"<p:R xmlns="http://a/"/>"#, ""),
        (r#"<R class="http://a/"/>"#, ""),
    ] {
        let document = xml::parse(text).unwrap();
        assert_eq!(
            (document.root.as_str(), document.namespace.as_str()),
            ("R", namespace),
            "{text}"
        );
    }
}
