//! The protocols that AWS's services speak.

/// How a service writes its calls, answers and errors.
///
/// The names are those of the Smithy documentation, <https://smithy.io/2.0/aws/protocols/>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// A form in, XML out: IAM, STS, RDS, Elastic Load Balancing.
    Query,
    /// A form with flat lists in, camelCase XML out: EC2 alone.
    Ec2Query,
    /// JSON to one path, the operation in `X-Amz-Target`: DynamoDB, SQS.
    Json10,
    /// As [`Protocol::Json10`] with another content type: Organizations, ECS.
    Json11,
    /// Paths and methods name the operation, JSON bodies: Lambda, EKS.
    RestJson,
    /// Paths and methods name the operation, XML bodies: S3.
    RestXml,
    /// Paths name the operation, CBOR bodies: CloudWatch. Only its errors are written here.
    RpcV2Cbor,
}

impl Protocol {
    /// The content type of an answer, and of a request with a body.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Query => "text/xml",
            Self::Ec2Query => "text/xml;charset=UTF-8",
            Self::Json10 => "application/x-amz-json-1.0",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::RestJson => "application/json",
            Self::RestXml => "application/xml",
            Self::RpcV2Cbor => "application/cbor",
        }
    }

    /// Whether an error is named by its shape, which mostly ends in `Exception`; otherwise by a code.
    #[must_use]
    pub fn names_errors_by_shape(self) -> bool {
        self.is_json() || self == Self::RpcV2Cbor
    }

    /// Whether answers and errors are JSON.
    #[must_use]
    pub fn is_json(self) -> bool {
        matches!(self, Self::Json10 | Self::Json11 | Self::RestJson)
    }
}
