//! The few words that random documents and requests are made of.

pub const OWN: &str = "222222222222";
pub const OTHER: &str = "111111111111";
pub const PROVIDER: &str = "arn:aws:iam::222222222222:oidc-provider/issuer.example";

pub const CANONICAL: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";

pub const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "S3:GETOBJECT",
    "s3:GetObjectAcl",
    "s3:PutObject",
    "s3:G",
    "ec2:DescribeVpcs",
    "ec2:DescribeVpcEndpoints",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
];
pub const ACTION_PATTERNS: &[&str] = &[
    "*",
    "*:*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:?etObject",
    "s3:*Object",
    "ec2:Describe*",
    "sts:AssumeRole",
    "sts:*Role*",
    "sts:Assume?ole*",
];
/// The actions that trust policies take.
pub const TRUST_PATTERNS: &[&str] = &[
    "sts:*",
    "sts:AssumeRole",
    "sts:assumerole",
    "sts:*Role*",
    "sts:Assume?ole*",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
];
pub const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/ann",
    "arn:aws:s3:::b/x/k",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::c/K",
    "arn:aws:iam::222222222222:role/R",
];
/// A key, whose own policy has to allow.
pub const KEY: &str = "arn:aws:kms:eu-west-1:222222222222:key/k";
pub const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::*/k",
    "arn:aws:s3:::?/?",
    "arn:aws:s3:::b/${aws:username}",
    "arn:aws:s3:::b/${s, 'k'}",
    "arn:aws:s3:::b/${nobody}*",
    "arn:aws:s3:::b/${*}",
    "arn:aws:iam::222222222222:role/*",
    "arn:aws:s3",
    "arn:aws:kms:eu-west-1",
    "arn:aws:kms:*:222222222222",
];
pub const PRINCIPALS: &[(&str, &str)] = &[
    ("AWS", "*"),
    ("AWS", OWN),
    ("AWS", "arn:aws:iam::222222222222:root"),
    ("AWS", OTHER),
    ("AWS", "arn:aws:iam::222222222222:user/ann"),
    ("AWS", "arn:aws:iam::222222222222:user/bob"),
    ("AWS", "arn:aws:iam::222222222222:role/R"),
    ("AWS", "arn:aws:iam::222222222222:role/r"),
    ("AWS", "arn:aws:sts::222222222222:assumed-role/R/s"),
    ("AWS", "arn:aws:sts::222222222222:assumed-role/R/t"),
    ("AWS", "arn:aws:sts::222222222222:federated-user/ann"),
    ("AWS", "AROAEXAMPLEROLE7"),
    ("AWS", "AIDAEXAMPLEUSER7"),
    ("Federated", PROVIDER),
    ("Service", "pods.eks.amazonaws.com"),
    ("Service", "ec2.amazonaws.com"),
    ("CanonicalUser", CANONICAL),
];

/// What an operator compares: the keys it is used with, the policies' values and the requests'.
pub struct Type {
    pub operators: &'static [&'static str],
    pub keys: &'static [&'static str],
    pub wanted: &'static [&'static str],
    pub got: &'static [&'static str],
}

pub const TYPES: &[Type] = &[
    Type {
        operators: &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        keys: &["s", "aws:username", "aws:TagKeys", "AWS:calledvia"],
        wanted: &[
            "a",
            "A",
            "k",
            "a*",
            "?",
            "ann",
            "*",
            "a${*}",
            "${aws:username}",
            "${S}",
            "${$}a",
            "${nobody, 'a'}",
            "${nobody}",
            "${aws:TagKeys}*",
            "${aws:tagkeys, 'a'}",
            "${aws:CalledVia}",
            "${?}",
        ],
        got: &["a", "A", "k", "ann", "a*", "ab", "$a", "?"],
    },
    Type {
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        keys: &["n", "ns"],
        wanted: &["1", "2", "2.0", "10", "-1", "1.5", "${n}"],
        got: &["1", "2", "2.0", "10", "-1", "1.5", "x", ""],
    },
    Type {
        operators: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        keys: &["d"],
        wanted: &[
            "2026-01-01T00:00:00Z",
            "2026-01-01",
            "1767225600",
            "2026-01-01T01:00:00+01:00",
            "2025-12-31T23:59:59Z",
            "2025-12-31T23:59:59",
            "2026-01",
            "1767229200",
        ],
        got: &["2026-01-01T00:00:00Z", "1767225600", "2026-02-29T00:00:00Z", "soon", "1767225601"],
    },
    Type {
        operators: &["Bool"],
        keys: &["b", "bs"],
        wanted: &["true", "false"],
        got: &["true", "false"],
    },
    Type {
        operators: &["BinaryEquals"],
        keys: &["x"],
        wanted: &["QUJD", "QUI=", "QQ=="],
        got: &["QUJD", "QUI=", "QQ==", "?"],
    },
    Type {
        operators: &["IpAddress", "NotIpAddress"],
        keys: &["aws:SourceIp"],
        wanted: &[
            "10.0.0.0/8",
            "10.1.2.3",
            "10.1.2.3/31",
            "0.0.0.0/0",
            "2001:db8::/33",
            "::1",
            "${aws:SourceIp}",
        ],
        got: &["10.1.2.3", "10.1.2.2", "11.0.0.1", "2001:db8::1", "2001:db8:8000::", "::1", "home"],
    },
    Type {
        operators: &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        keys: &["aws:SourceArn", "arns"],
        wanted: &[
            "arn:aws:sns:*:222222222222:t",
            "arn:aws:sns:eu-west-1:222222222222:t",
            "arn:aws:s3:::*",
            "arn:aws:sns:*:*:t",
            "arn:aws:*:*:*:*t",
            "arn:aws:s3:::${aws:username}",
            "arn:aws:sns:*:222222222222:t?",
        ],
        got: &[
            "arn:aws:sns:eu-west-1:222222222222:t",
            "arn:aws:s3:::b/t",
            "arn:aws:s3:::ann",
            "arn:aws:sns:x:1:222222222222:t",
            "t",
        ],
    },
    // The unique id of a role with the session's name, or of a user.
    Type {
        operators: &["StringEquals", "StringLike", "StringNotLike"],
        keys: &["aws:userid"],
        wanted: &["AROAEXAMPLEROLE7:*", "AIDAEXAMPLEUSER7", "*:s", "${aws:userid}"],
        got: &["AROAEXAMPLEROLE7:s", "AIDAEXAMPLEUSER7", "AROAEXAMPLEROLE7"],
    },
];
