"""Writes botocore.json: requests signed by botocore, for the tests of the verifier.

    python crates/attache-aws-protocol/tests/vectors/sign_with_botocore.py > crates/attache-aws-protocol/tests/vectors/botocore.json

The clock is fixed, so the same botocore writes the same file.
"""

import datetime
import json
from urllib.parse import urlsplit

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 3, 14, 15, 9, 26)
botocore.auth.get_current_datetime = lambda *a, **k: NOW

KEYS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SESSION = Credentials(KEYS.access_key.replace("AKIA", "ASIA"), KEYS.secret_key, "FwoGZXIvYXdzEBYa/+=")
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
JSON = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables"}

HEADER, S3 = botocore.auth.SigV4Auth, botocore.auth.S3SigV4Auth
QUERY, S3_QUERY = botocore.auth.SigV4QueryAuth, botocore.auth.S3SigV4QueryAuth

CASES = [
    ("a form posted to STS", HEADER, KEYS, "sts", "POST", "https://sts.us-east-1.amazonaws.com/", FORM,
     b"Action=GetCallerIdentity&Version=2011-06-15"),
    ("a form posted by a session", HEADER, SESSION, "iam", "POST", "https://iam.amazonaws.com/", FORM,
     b"Action=ListRoles&Version=2010-05-08"),
    ("a form on a port of this machine", HEADER, SESSION, "sts", "POST", "http://127.0.0.1:4566/", FORM,
     b"Action=GetCallerIdentity&Version=2011-06-15"),
    ("a form beyond ASCII", HEADER, KEYS, "iam", "POST", "https://iam.amazonaws.com/", FORM,
     "Action=TagRole&Tags.member.1.Value=\u00e9\U0001f980".encode()),
    ("JSON with its target", HEADER, SESSION, "dynamodb", "POST", "https://dynamodb.eu-west-1.amazonaws.com/", JSON,
     b'{"Limit": 100}'),
    ("an ARN escaped in the path", HEADER, KEYS, "lambda", "GET",
     "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A111111111111%3Afunction%3Af/policy",
     {}, b""),
    ("a colon unescaped in the path", HEADER, KEYS, "lambda", "GET",
     "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/f:live", {}, b""),
    ("slashes and dots in the path", HEADER, KEYS, "eks", "GET",
     "https://eks.us-east-1.amazonaws.com//clusters/./a/../b//", {}, b""),
    ("parameters out of order", HEADER, KEYS, "lambda", "GET",
     "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/?Marker=a%2Bb%3D&MaxItems=50&FunctionVersion=ALL",
     {}, b""),
    ("a parameter twice", HEADER, KEYS, "lambda", "DELETE",
     "https://lambda.us-east-1.amazonaws.com/2017-03-31/tags/x?tagKeys=b&tagKeys=a", {}, b""),
    ("a header with runs of spaces", HEADER, KEYS, "sts", "POST", "https://sts.amazonaws.com/",
     FORM | {"X-Amz-Meta-Note": "  a   b  c "}, b"Action=GetCallerIdentity&Version=2011-06-15"),
    ("S3 lists its buckets", S3, SESSION, "s3", "GET", "https://s3.us-east-1.amazonaws.com/", {}, b""),
    ("S3 on a port of this machine", S3, KEYS, "s3", "GET", "http://127.0.0.1:4566/bucket?list-type=2&prefix=a%2Fb", {}, b""),
    ("S3 with a key of dots and slashes", S3, KEYS, "s3", "GET", "https://b.s3.amazonaws.com/a//../%20b/%C3%A9", {}, b""),
    ("S3 with a flag for a parameter", S3, KEYS, "s3", "GET", "https://s3.amazonaws.com/b?lifecycle", {}, b""),
    ("S3 with a body in the clear", S3, KEYS, "s3", "PUT", "http://127.0.0.1:4566/b/k", {"Content-Type": "text/plain"}, b"hello"),
    ("S3 with an unsigned body", S3, KEYS, "s3", "PUT", "https://s3.amazonaws.com/b/k",
     {"Content-MD5": "XUFAKrxLKna5cZ2REBfFkg=="}, b"hello"),
    ("a presigned GetCallerIdentity", QUERY, SESSION, "sts", "GET",
     "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", {}, b""),
    ("an EKS token's presigned URL", QUERY, KEYS, "sts", "GET",
     "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
     {"x-k8s-aws-id": "cluster"}, b""),
    ("a presigned S3 object", S3_QUERY, SESSION, "s3", "GET", "https://b.s3.amazonaws.com/a%20b?versionId=1", {}, b""),
]


def vector(name, signer, keys, service, method, url, headers, body):
    request = AWSRequest(method=method, url=url, headers=headers, data=body)
    region = "us-east-1"
    signer(keys, service, region).add_auth(request)
    parts = urlsplit(request.url)
    sent = [[k, v] for k, v in request.headers.items()]
    if "host" not in {k.lower() for k, _ in sent}:
        sent.append(["Host", parts.netloc])
    return {"name": name, "method": method, "path": parts.path, "query": parts.query,
            "headers": sent, "body": body.decode(), "session_token": keys.token}


print(json.dumps({
    "botocore": botocore.__version__,
    "signed_at": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "secret": KEYS.secret_key,
    "vectors": [vector(*case) for case in CASES],
}, indent=1))
