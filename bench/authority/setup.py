"""Prepares a server for the benchmark: creates the provider and the role, signs headers, and prints the input
of wrk as JSON.

    setup.py URL FOLDER CREDENTIALS|- TOKEN_FILE

With a credentials file of `attache authority`, the account's administrator makes all calls. With `-`, for other
servers, a user with full access is made and makes them: the keys of the account's root user are not checked.
"""

import json
import sys
from pathlib import Path

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from servers import EVERYTHING, MEMBER, client_of, profile

URL, FOLDER, GIVEN, TOKEN = sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]).read_text().strip()
ISSUER = "issuer.example/bench"


def keys():
    if GIVEN != "-":
        return profile(GIVEN, MEMBER)
    root = client_of(URL, "iam", {"aws_access_key_id": MEMBER, "aws_secret_access_key": "secret"})
    root.create_user(UserName="bench")
    root.put_user_policy(UserName="bench", PolicyName="all", PolicyDocument=EVERYTHING)
    key = root.create_access_key(UserName="bench")["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


KEYS = keys()
IAM = client_of(URL, "iam", KEYS)
account = client_of(URL, "sts", KEYS).get_caller_identity()["Account"]
provider = IAM.create_open_id_connect_provider(Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"],
                                               ThumbprintList=["a" * 40])["OpenIDConnectProviderArn"]
trust = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": {f"{ISSUER}:sub": "system:serviceaccount:causely:causely-mediator",
                                   f"{ISSUER}:aud": "sts.amazonaws.com"}}}]}
IAM.create_role(RoleName="Bench", AssumeRolePolicyDocument=json.dumps(trust))


def form(**members):
    from urllib.parse import urlencode
    return urlencode(members)


def signed(service, body):
    request = AWSRequest("POST", URL + "/", data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    SigV4Auth(Credentials(*KEYS.values()), service, "us-east-1").add_auth(request)
    return dict(request.headers)


def script(name, body, headers):
    lines = [f"wrk.method = 'POST'", f"wrk.body = {json.dumps(body)}"]
    lines += [f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in headers.items()]
    lines.append("done = function(s, l, r) io.stderr:write(string.format("
                 "'{\"requests\": %d, \"us\": %d, \"p50\": %d, \"p99\": %d, \"failed\": %d}\\n', "
                 "s.requests, s.duration, l:percentile(50), l:percentile(99), "
                 "s.errors.status + s.errors.connect + s.errors.read + s.errors.timeout)) end")
    (FOLDER / f"{name}.lua").write_text("\n".join(lines) + "\n")


FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
script("AssumeRoleWithWebIdentity", form(
    Action="AssumeRoleWithWebIdentity", Version="2011-06-15", RoleArn=f"arn:aws:iam::{account}:role/Bench",
    RoleSessionName="bench", WebIdentityToken=TOKEN), FORM)
identity = form(Action="GetCallerIdentity", Version="2011-06-15")
script("GetCallerIdentity", identity, signed("sts", identity))
tag = form(**{"Action": "TagRole", "Version": "2010-05-08", "RoleName": "Bench", "Tags.member.1.Key": "k",
              "Tags.member.1.Value": "v"})
script("TagRole", tag, signed("iam", tag))
