//! Our abridgements of AWS's managed policies, over the services that the catalog discovers.
//!
//! AWS's documents are AWS's and have up to a hundred kilobytes. These allow the reading that
//! their names promise, for the services that are embedded, and say what they are in their
//! description. Who needs AWS's very text gives it as files.

/// What each allows on all resources, by its name.
const ABRIDGED: &[(&str, &[&[&str]])] = &[
    ("AdministratorAccess", &[&["*"]]),
    (
        "ReadOnlyAccess",
        &[EC2, RDS, ELB, SQS, LAMBDA, DYNAMODB, S3, IAM, ORGANIZATIONS, READ_DATA, OTHERS],
    ),
    (
        "ViewOnlyAccess",
        &[EC2, RDS, ELB, SQS_VIEW, LAMBDA_VIEW, DYNAMODB_VIEW, S3_VIEW, IAM_VIEW, OTHERS],
    ),
    (
        "SecurityAudit",
        &[EC2, RDS, ELB, SQS, LAMBDA, DYNAMODB, S3_VIEW, S3_AUDIT, IAM, ORGANIZATIONS, OTHERS],
    ),
    ("AmazonEC2ReadOnlyAccess", &[EC2, ELB, WATCH]),
    ("AmazonVPCReadOnlyAccess", &[EC2]),
    ("AmazonRDSReadOnlyAccess", &[RDS, EC2_NETWORK, WATCH]),
    ("AmazonSQSReadOnlyAccess", &[SQS]),
    ("AWSLambda_ReadOnlyAccess", &[LAMBDA, EC2_NETWORK, WATCH]),
    ("AmazonDynamoDBReadOnlyAccess", &[DYNAMODB, READ_TABLES, WATCH]),
    ("AmazonS3ReadOnlyAccess", &[S3]),
    ("ElasticLoadBalancingReadOnly", &[ELB, EC2_NETWORK, WATCH]),
    ("CloudWatchReadOnlyAccess", &[WATCH]),
    ("IAMReadOnlyAccess", &[IAM]),
    ("AWSOrganizationsReadOnlyAccess", &[ORGANIZATIONS]),
    ("IAMFullAccess", &[&["iam:*"], ORGANIZATIONS]),
];

const EC2: &[&str] = &["ec2:Describe*", "ec2:Get*", "ec2:SearchTransitGatewayRoutes"];
const EC2_NETWORK: &[&str] =
    &["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"];
const RDS: &[&str] = &["rds:Describe*", "rds:List*"];
const ELB: &[&str] = &["elasticloadbalancing:Describe*", "elasticloadbalancing:Get*"];
const SQS: &[&str] = &[
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListDeadLetterSourceQueues",
    "sqs:ListMessageMoveTasks",
    "sqs:ListQueueTags",
    "sqs:ListQueues",
];
const SQS_VIEW: &[&str] = &["sqs:ListQueues", "sqs:GetQueueAttributes", "sqs:ListQueueTags"];
const LAMBDA: &[&str] = &["lambda:Get*", "lambda:List*"];
const LAMBDA_VIEW: &[&str] = &["lambda:List*", "lambda:GetAccountSettings"];
const DYNAMODB: &[&str] = &["dynamodb:Describe*", "dynamodb:List*"];
const DYNAMODB_VIEW: &[&str] = &["dynamodb:DescribeTable", "dynamodb:List*"];
const READ_TABLES: &[&str] =
    &["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"];
const S3: &[&str] = &["s3:Describe*", "s3:Get*", "s3:List*"];
const S3_VIEW: &[&str] = &["s3:ListAllMyBuckets", "s3:ListBucket", "s3:GetBucketLocation"];
const S3_AUDIT: &[&str] = &[
    "s3:GetAccountPublicAccessBlock",
    "s3:GetBucket*",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
];
const IAM: &[&str] = &["iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*"];
const IAM_VIEW: &[&str] = &["iam:GetAccountSummary", "iam:List*"];
const ORGANIZATIONS: &[&str] = &["organizations:Describe*", "organizations:List*"];
const WATCH: &[&str] = &["cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"];
/// What `ReadOnlyAccess` has beside lists and descriptions, and `ViewOnlyAccess` has not.
const READ_DATA: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "sqs:ReceiveMessage",
    "account:Get*",
    "account:List*",
];
/// Reading beside the services that are embedded, so that a broader catalog finds it allowed.
const OTHERS: &[&str] = &[
    "autoscaling:Describe*",
    "cloudfront:List*",
    "cloudwatch:Describe*",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "ecs:Describe*",
    "ecs:List*",
    "eks:Describe*",
    "eks:List*",
    "elasticache:Describe*",
    "elasticfilesystem:Describe*",
    "es:Describe*",
    "es:List*",
    "kafka:Describe*",
    "kafka:List*",
    "kinesis:Describe*",
    "kinesis:List*",
    "logs:Describe*",
    "redshift:Describe*",
    "route53:List*",
    "sns:GetTopicAttributes",
    "sns:List*",
    "states:DescribeStateMachine",
    "states:List*",
    "tag:GetResources",
];

/// What the abridgement of that name allows; none where there is no abridgement of it.
pub(super) fn actions(name: &str) -> Option<Vec<&'static str>> {
    let (_, actions) = ABRIDGED.iter().find(|(found, _)| *found == name)?;
    Some(actions.concat())
}

#[cfg(test)]
mod tests {
    use crate::aws_managed::AwsManaged;

    #[test]
    fn every_abridgement_is_built_in() {
        let all = AwsManaged::with(None).unwrap();
        for (name, _) in super::ABRIDGED {
            assert!(all.iter().any(|policy| policy.name == *name), "{name}");
        }
        assert!(all.get("arn:aws:iam::aws:policy/ReadOnlyAccess").is_some());
        assert!(all.get("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess").is_some());
    }
}
