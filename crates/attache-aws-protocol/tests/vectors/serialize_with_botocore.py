"""Writes forms.json: requests serialized by botocore, for the tests of the decoder.

    python crates/attache-aws-protocol/tests/vectors/serialize_with_botocore.py > crates/attache-aws-protocol/tests/vectors/forms.json
"""

import json
from urllib.parse import urlencode

import botocore.session
from botocore.serialize import create_serializer

CALLS = [
    ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::111111111111:role/R", "RoleSessionName": "session", "DurationSeconds": 900,
                           "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
                           "Tags": [{"Key": "team", "Value": "a & b"}, {"Key": "\u00e9", "Value": ""}],
                           "TransitiveTagKeys": ["team"]}),
    ("iam", "CreateOpenIDConnectProvider", {"Url": "https://oidc.example.com/id/X", "ClientIDList": ["sts.amazonaws.com"],
                                            "ThumbprintList": []}),
    ("ec2", "DescribeInstances", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1", "vpc-2"]}],
                                  "InstanceIds": ["i-1"], "MaxResults": 100, "DryRun": False}),
    ("rds", "DescribeDBInstances", {"Filters": [{"Name": "engine", "Values": ["mysql", "postgres"]}], "MaxRecords": 100}),
    ("elbv2", "DescribeTags", {"ResourceArns": ["arn:1", "arn:2"]}),
    ("sns", "CreateTopic", {"Name": "t", "Attributes": {"DisplayName": "d"}}),
]

session = botocore.session.get_session()


def form(service, operation, parameters):
    model = session.get_service_model(service)
    serializer = create_serializer(model.metadata["protocol"], include_validation=True)
    body = serializer.serialize_to_request(parameters, model.operation_model(operation))["body"]
    return {"call": f"{service} {operation}", "form": urlencode(body)}


print(json.dumps([form(*call) for call in CALLS], indent=1))
