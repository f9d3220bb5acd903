//! What numbers, dates, addresses and the other typed values are.

use super::given::*;

fn compares(operator: &str, wanted: &str, got: &str) -> bool {
    holds(&format!(r#""{operator}": {{"k": "{wanted}"}}"#), &[("k", &[got])])
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String>
#[test]
fn ignoring_case_is_an_operators_own() {
    assert!(compares("StringEqualsIgnoreCase", "AB", "ab"));
    assert!(!compares("StringNotEqualsIgnoreCase", "AB", "ab"));
    assert!(!compares("StringEquals", "AB", "ab"));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean>
#[test]
fn bool_compares_text() {
    assert!(compares("Bool", "true", "true"));
    assert!(!compares("Bool", "true", "false"));
    assert!(!compares("Bool", "true", "1"));
    assert!(!compares("Bool", "true", "yes"));
    assert!(holds(r#""Bool": {"k": true}"#, &[("k", &["true"])]), "the JSON value is the text");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric>
#[test]
fn numbers_compare_as_numbers() {
    for (operator, wanted, holding, failing) in [
        ("NumericEquals", "2", "2.0", "20"),
        ("NumericNotEquals", "2", "3", "2.0"),
        ("NumericLessThan", "10", "9", "10"),
        ("NumericLessThanEquals", "10", "10", "10.5"),
        ("NumericGreaterThan", "-1", "0", "-1"),
        ("NumericGreaterThanEquals", "1.5", "1.50", "1.49"),
    ] {
        assert!(compares(operator, wanted, holding), "{operator} {holding}");
        assert!(!compares(operator, wanted, failing), "{operator} {failing}");
    }
    assert!(holds(r#""NumericEquals": {"k": 5}"#, &[("k", &["5"])]), "the JSON value is the text");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric>
#[test]
fn text_that_is_no_number_equals_none() {
    for no_number in ["x", "", "1,000", "inf", "NaN", "0x10", "1 2"] {
        for operator in ["NumericEquals", "NumericLessThan", "NumericGreaterThanEquals"] {
            assert!(!compares(operator, "1", no_number), "{operator} {no_number:?}");
        }
        assert!(compares("NumericNotEquals", "1", no_number), "{no_number:?}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date>
#[test]
fn dates_are_iso_8601_or_seconds_since_1970() {
    for same in [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00Z",
        "2026-01-01T00:00:00",
        "2026-01",
        "2026-01-01T01:00:00+01:00",
        "2025-12-31T19:00:00-05:00",
        "2026-01-01",
        "1767225600",
    ] {
        assert!(compares("DateEquals", same, "2026-01-01T00:00:00Z"), "{same}");
        assert!(compares("DateEquals", same, "1767225600"), "{same}");
        assert!(!compares("DateNotEquals", same, "1767225600"), "{same}");
        assert!(compares("DateGreaterThan", same, "2026-01-01T00:00:01Z"), "{same}");
        assert!(compares("DateLessThan", same, "1767225599"), "{same}");
        assert!(!compares("DateLessThan", same, "1767225600"), "{same}");
        assert!(compares("DateLessThanEquals", same, "1767225600"), "{same}");
    }
    for no_date in ["tomorrow", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", ""] {
        assert!(!compares("DateLessThan", "2030-01-01T00:00:00Z", no_date), "{no_date:?}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals>
#[test]
fn binary_values_are_base64() {
    assert!(compares(
        "BinaryEquals",
        "QmluYXJ5VmFsdWVJbkJhc2U2NA==",
        "QmluYXJ5VmFsdWVJbkJhc2U2NA=="
    ));
    assert!(!compares("BinaryEquals", "QUJD", "QUJE"));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress>
#[test]
fn addresses_are_v4_and_v6_ranges_and_a_bare_one_is_itself() {
    for (range, inside, outside) in [
        ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
        ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
        ("203.0.113.7/32", "203.0.113.7", "203.0.113.6"),
        ("203.0.113.77/24", "203.0.113.1", "203.0.112.1"),
        ("0.0.0.0/0", "8.8.8.8", "2001:db8::1"),
        ("2001:DB8:1234:5678::/64", "2001:db8:1234:5678::9", "2001:db8:1234:5679::9"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
        ("::/0", "2001:db8::1", "8.8.8.8"),
    ] {
        assert!(compares("IpAddress", range, inside), "{range}");
        assert!(!compares("IpAddress", range, outside), "{range}");
        assert!(!compares("NotIpAddress", range, inside), "{range}");
        assert!(compares("NotIpAddress", range, outside), "{range}");
    }
    for no_address in ["home", "", "10.0.0", "10.0.0.256"] {
        assert!(!compares("IpAddress", "0.0.0.0/0", no_address), "{no_address:?}");
    }
}

/// The one who calls AWS, which behind a NAT is not the pod.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip>
#[test]
fn source_ip_is_the_callers_address_as_the_request_carries_it() {
    let pods = r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#;
    let seen_by_aws: &[(&str, &[&str])] =
        &[("aws:SourceIp", &["203.0.113.7"]), ("aws:VpcSourceIp", &["10.1.2.3"])];
    assert!(!holds(pods, seen_by_aws));
    assert!(holds(r#""IpAddress": {"aws:SourceIp": "203.0.113.0/24"}"#, seen_by_aws));
}
