#!/usr/bin/env python3
"""CloudTrail's LookupEvents and the authority's explanations: every call has an event, allowed or refused, in
CloudTrail's format.

    authority_trail.py PATH_OF_ATTACHE

Needs: pip install boto3; `aws` on the path.
"""

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, SUBJECT, STS, TARGET, Authority, Issuer, case, finish, refused

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-trail-")
ISSUER = Issuer(ATTACHE, SCRATCH.name, "https://issuer.example/a")
AUTHORITY = Authority(ATTACHE, arguments=["--explain", "--issuer", f"{ISSUER.url}={ISSUER.jwks}"])
IAM, TRAIL = AUTHORITY.client("iam", TARGET), AUTHORITY.client("cloudtrail", TARGET)
PROVIDER = f"arn:aws:iam::{TARGET}:oidc-provider/issuer.example/a"


def happen():
    """A role for the cluster's workload, a session of it, and a call that is denied."""
    IAM.create_open_id_connect_provider(Url=ISSUER.url, ClientIDList=[STS], ThumbprintList=["a" * 40])
    condition = {"StringEquals": {"issuer.example/a:sub": SUBJECT}}
    IAM.create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}]}))
    session = AUTHORITY.assume("Reader", ISSUER.token())["Credentials"]
    try:
        AUTHORITY.assume("Reader", ISSUER.token("system:serviceaccount:other:one"))
    except Exception as error:
        wrong = error.response["ResponseMetadata"]
    reader = AUTHORITY.client("iam", credentials=session)
    try:
        reader.list_users()
    except Exception as error:
        denied = error.response["ResponseMetadata"]
    return session, wrong, denied


def looked_up(session, denied):
    pages = list(TRAIL.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 3}))
    events = [event for page in pages for event in page["Events"]]
    names = [event["EventName"] for event in events if event["EventName"] != "LookupEvents"]
    case("every call, newest first, in pages of three", names == [
        "ListUsers", "AssumeRoleWithWebIdentity", "AssumeRoleWithWebIdentity", "CreateRole",
        "CreateOpenIDConnectProvider"], names)
    event = next(event for event in events if event["EventName"] == "ListUsers")
    record = json.loads(event["CloudTrailEvent"])
    case("the record of a denied call", (record["errorCode"], record["eventSource"], record["readOnly"], record["requestID"])
         == ("AccessDenied", "iam.amazonaws.com", True, denied["RequestId"]), record)
    identity = record["userIdentity"]
    case("the record has the caller", (identity["type"], identity["accessKeyId"], identity["sessionContext"]["sessionIssuer"]["arn"])
         == ("AssumedRole", session["AccessKeyId"], f"arn:aws:iam::{TARGET}:role/Reader"), identity)
    case("the record has the user agent and the address", "Boto3" in record["userAgent"] and record["sourceIPAddress"] == "127.0.0.1", record)
    web = [json.loads(e["CloudTrailEvent"]) for e in events if e["EventName"] == "AssumeRoleWithWebIdentity"]
    case("the record of a web identity", [(r["userIdentity"]["type"], r["userIdentity"]["userName"], r.get("errorCode"))
                                     for r in web]
         == [("WebIdentityUser", "system:serviceaccount:other:one", "AccessDenied"),
             ("WebIdentityUser", SUBJECT, None)], web)
    case("the record has no token", "eyJ" not in json.dumps(web) and web[0]["requestParameters"]["roleSessionName"] == "peer")

    def found(key, value):
        return [e["EventName"] for e in TRAIL.lookup_events(LookupAttributes=[
            {"AttributeKey": key, "AttributeValue": value}])["Events"] if e["EventName"] != "LookupEvents"]
    case("lookup by event name", found("EventName", "CreateRole") == ["CreateRole"])
    case("lookup by access key", found("AccessKeyId", session["AccessKeyId"]) == ["ListUsers"])
    case("lookup by resource", found("ResourceName", "Reader")
         == ["AssumeRoleWithWebIdentity", "AssumeRoleWithWebIdentity", "CreateRole"], found("ResourceName", "Reader"))
    case("lookup by ReadOnly", found("ReadOnly", "false") == ["CreateRole", "CreateOpenIDConnectProvider"])
    refused("more than 50 results", lambda: AUTHORITY.client("cloudtrail", TARGET, parameter_validation=False)
            .lookup_events(MaxResults=51), "InvalidMaxResultsException",
            "The value for MaxResults must be between 1 and 50.")
    reader = AUTHORITY.client("cloudtrail", credentials=session)
    who = f"arn:aws:sts::{TARGET}:assumed-role/Reader/peer"
    refused("LookupEvents without permission", reader.lookup_events, "AccessDeniedException",
            f"User: {who} is not authorized to perform: cloudtrail:LookupEvents because no "
            "identity-based policy allows the cloudtrail:LookupEvents action")
    other = AUTHORITY.client("cloudtrail", "111111111111").lookup_events()["Events"]
    case("another account does not get the events", not [e for e in other if e["EventName"] != "LookupEvents"], other)


def aws(program, *arguments):
    environment = AUTHORITY.environment(AWS_PROFILE=TARGET)
    done = subprocess.run([program, "--endpoint-url", AUTHORITY.url, "--output", "json", *arguments],
                          capture_output=True, text=True, env=environment)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def by_command_line():
    for program in ("aws", "/usr/bin/aws"):
        got = aws(program, "cloudtrail", "lookup-events", "--lookup-attributes",
                  "AttributeKey=EventName,AttributeValue=CreateRole")
        case(f"{program} cloudtrail lookup-events", [e["EventName"] for e in got["Events"]] == ["CreateRole"], got)
        got = aws(program, "ec2", "describe-regions")
        case(f"{program} ec2 describe-regions", "us-east-1" in [r["RegionName"] for r in got["Regions"]], got)
    regions = [r["RegionName"] for page in AUTHORITY.client("account", TARGET).get_paginator("list_regions")
               .paginate(PaginationConfig={"PageSize": 1}) for r in page["Regions"]]
    whole = AUTHORITY.client("account", TARGET).list_regions(MaxResults=50)["Regions"]
    case("account list-regions in pages of one", regions == sorted(r["RegionName"] for r in whole), regions)
    statuses = {r["RegionName"]: r["RegionOptStatus"] for r in whole}
    case("every commercial region, and those to ask for are off",
         statuses["us-west-1"] == "ENABLED_BY_DEFAULT" and statuses["eu-south-2"] == "DISABLED"
         and not any(name.startswith(("cn-", "us-gov-")) for name in statuses), statuses)
    enabled = AUTHORITY.client("account", TARGET).list_regions(RegionOptStatusContains=["ENABLED_BY_DEFAULT"])["Regions"]
    case("the regions that are enabled", len(enabled) == 17, enabled)


def get(path, **headers):
    request = urllib.request.Request(AUTHORITY.url + path, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def explained(wrong, denied):
    path = wrong["HTTPHeaders"]["x-attache-decision"]
    case("a response has the path of its explanation", path == f"/_attache/decisions/{wrong['RequestId']}", wrong)
    status, text = get(path)
    told = json.loads(text)
    case("the failed condition with the expected and the actual value",
         status == 200 and told["outcome"] == "refused" and "system:serviceaccount:other:one" in told["reason"]
         and SUBJECT in told["reason"], text)
    told = json.loads(get(denied["HTTPHeaders"]["x-attache-decision"])[1])
    case("each permission in the JSON", [(s["action"], s["outcome"]) for s in told["steps"]]
         == [("iam:ListUsers", {"denied": {"why": "implicit", "kind": "identity"}})], told["steps"])
    status, page = get(path, Accept="text/html")
    case("the explanation as a page", status == 200 and "<h1>sts:AssumeRoleWithWebIdentity: refused</h1>" in page, page)
    case("refused for a page of another site", get(path, Origin="https://evil.example")[0] == 403)
    case("refused for another host name", get(path, Host="evil.example")[0] == 403)
    case("a missing explanation", get("/_attache/decisions/none")[0] == 404)


def across():
    """The administrator of another account assumes a role: both accounts get an event."""
    IAM.create_role(RoleName="Lent", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "sts:AssumeRole"}]}))
    AUTHORITY.client("sts", SOURCE).assume_role(RoleArn=f"arn:aws:iam::{TARGET}:role/Lent", RoleSessionName="across")
    asked = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "AssumeRole"}]}
    own, others = [json.loads(AUTHORITY.client("cloudtrail", account).lookup_events(**asked)["Events"][0]["CloudTrailEvent"])
                   for account in (SOURCE, TARGET)]
    case("the event of the caller's account has the user", own["userIdentity"]["userName"] == "administrator", own)
    case("the event of the role's account has the caller's account", (others["userIdentity"]["type"], others["userIdentity"]["accountId"],
         others["recipientAccountId"]) == ("AWSAccount", SOURCE, TARGET) and "arn" not in others["userIdentity"], others)
    insights = TRAIL.lookup_events(EventCategory="insight")["Events"]
    case("there are no insights", insights == [], insights)
    case("both events have the same sharedEventID", own["sharedEventID"] == others["sharedEventID"], (own, others))


SESSION, WRONG, DENIED = happen()
looked_up(SESSION, DENIED)
by_command_line()
explained(WRONG, DENIED)
across()
finish()
