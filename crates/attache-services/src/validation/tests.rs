use serde_json::json;

use super::*;

const NAME: Shape = Shape::Text { min: 2, max: 5, pattern: Pattern::Name };
const KEY: Shape = Shape::Text { min: 1, max: 3, pattern: Pattern::Any };
const TAG: Shape = Shape::Structure(&[required("Key", &KEY)]);
const TAGS: Shape = Shape::List { min: 0, max: 2, of: &TAG };
const SECRET: Shape = Shape::Sensitive { min: 4, max: 8 };
const MEMBERS: &[Member] = &[
    required("RoleName", &NAME),
    optional("Tags", &TAGS),
    optional("Token", &SECRET),
    optional("Seconds", &Shape::Integer { min: 900, max: 43200 }),
    optional("Scope", &Shape::Enum(&["All", "AWS"])),
];

fn message_of(input: &Value) -> String {
    check(MEMBERS, input).err().map(|e| e.query().message).unwrap_or_default()
}

#[test]
fn a_broken_constraint_is_told_in_awss_words() {
    let one = "1 validation error detected: ";
    for (name, input, message) in [
        (
            "missing",
            json!({}),
            "Value null at 'roleName' failed to satisfy constraint: Member must not be null",
        ),
        (
            "long",
            json!({"RoleName": "abcdef"}),
            "Value 'abcdef' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 5",
        ),
        (
            "bad character",
            json!({"RoleName": "a:2"}),
            "Value 'a:2' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
        ),
        (
            "in a list",
            json!({"RoleName": "abc", "Tags": [{"Key": "a"}, {"Key": "long"}]}),
            "Value 'long' at 'tags.2.member.key' failed to satisfy constraint: Member must have length less than or equal to 3",
        ),
        (
            "a secret",
            json!({"RoleName": "abc", "Token": "123456789"}),
            "Value at 'token' failed to satisfy constraint: Member must have length less than or equal to 8",
        ),
        (
            "a number",
            json!({"RoleName": "abc", "Seconds": "899"}),
            "Value '899' at 'seconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        ),
        (
            "an enumeration",
            json!({"RoleName": "abc", "Scope": "Ours"}),
            "Value 'Ours' at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS]",
        ),
    ] {
        assert_eq!(message_of(&input), format!("{one}{message}"), "{name}");
    }
}

#[test]
fn a_value_of_another_type_is_refused_before_any_constraint() {
    let list = "Start of list found where not expected";
    let structure = "Start of structure or map found where not expected.";
    let text = "Value at 'seconds' does not have the type that the service's model gives it";
    for (input, message) in [
        (json!({"RoleName": ["abc"]}), list),
        (json!({"RoleName": {"a": "b"}}), structure),
        (json!({"RoleName": "abc", "Tags": {"one": "b"}}), structure),
        (json!({"Seconds": "900.0"}), text),
        (json!({"Seconds": "9e2"}), text),
        (json!({"Seconds": " 900"}), text),
        (json!({"Seconds": "900 "}), text),
        (json!({"Seconds": "+900"}), text),
        (json!({"Seconds": "2147483648"}), text),
        (json!({"Seconds": "-2147483649"}), text),
        (json!({"Seconds": ""}), text),
    ] {
        let refused = check(MEMBERS, &input).unwrap_err().query();
        assert_eq!((refused.code.as_str(), refused.message.as_str()), ("MalformedInput", message));
    }
    let refused = check(MEMBERS, &json!({"RoleName": "abc", "Seconds": "2147483647"}));
    assert_eq!(refused.unwrap_err().query().code, "ValidationError");
    let gap = json!({"RoleName": "abc", "Tags": [null, {"Key": "a"}]});
    let refused = check(MEMBERS, &gap).unwrap_err().query();
    assert_eq!(refused.code, "ValidationError");
    assert!(refused.message.contains("Value null at 'tags.1.member'"), "{}", refused.message);
}

#[test]
fn all_that_is_broken_is_told_at_once() {
    let message = message_of(&json!({"RoleName": "a", "Seconds": 1}));
    assert!(message.starts_with("2 validation errors detected: Value 'a' at"), "{message}");
    assert!(message.contains("; Value '1' at 'seconds'"), "{message}");
}

#[test]
fn no_refusal_is_larger_than_what_it_refuses() {
    let long = "x".repeat(1_000_000);
    let listed = message_of(&json!({"RoleName": long}));
    assert!(listed.len() < 2000 && listed.contains("x…' at 'roleName'"), "{}", listed.len());
    let many: Vec<Value> = (0..5000).map(|_| json!({"Key": "much too long"})).collect();
    let listed = message_of(&json!({"RoleName": "abc", "Tags": many}));
    assert!(listed.starts_with("5001 validation errors detected: ") && listed.len() < 8000);
}

#[test]
fn a_number_is_digits_and_nothing_else() {
    for bad in ["+900", " 900", "900 ", "9e2", "900.0", "0x384", "٩٠٠", ""] {
        assert!(
            message_of(&json!({"RoleName": "abc", "Seconds": bad})).contains("'seconds'"),
            "{bad:?}"
        );
    }
}

#[test]
fn what_is_right_passes() {
    assert_eq!(message_of(&json!({"RoleName": "abc", "Tags": "", "Seconds": "900"})), "");
}
