#!/usr/bin/env python3
"""The authority's laboratory: each fault as boto3 sees it, with retries off, in every protocol; latencies; AWS's
request rates; settings that are refused; who may set it; a million resources; `--exec`; fixed keys.

    authority_laboratory.py PATH_OF_ATTACHE

Needs: pip install boto3.
"""

import http.client
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError, ClientError, ConnectionClosedError, PaginationError, ReadTimeoutError)
from botocore.parsers import ResponseParserError

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, TARGET, Authority, Issuer, case, finish, wait_for_events

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)

# For each protocol: client, its signing name, a list call, and a member of its answer.
SERVICES = [
    ("iam", "iam", "list_roles", {}, "Roles"),
    ("sts", "sts", "get_caller_identity", {}, "Arn"),
    ("ec2", "ec2", "describe_vpcs", {}, "Vpcs"),
    ("rds", "rds", "describe_db_instances", {}, "DBInstances"),
    ("elbv2", "elasticloadbalancing", "describe_load_balancers", {}, "LoadBalancers"),
    ("sqs", "sqs", "list_queues", {}, "QueueUrls"),
    ("lambda", "lambda", "list_functions", {}, "Functions"),
    ("dynamodb", "dynamodb", "list_tables", {}, "TableNames"),
    ("s3", "s3", "list_buckets", {}, "Buckets"),
    ("organizations", "organizations", "list_accounts", {}, "Accounts"),
    ("eks", "eks", "list_clusters", {}, "clusters"),
    ("cloudtrail", "cloudtrail", "lookup_events", {}, "Events"),
    ("account", "account", "list_regions", {}, "Regions"),
]
XML = {"iam", "sts", "ec2", "rds", "elbv2", "s3"}
THROTTLED = {
    "iam": ("Throttling", 400), "sts": ("Throttling", 400), "ec2": ("RequestLimitExceeded", 503),
    "rds": ("Throttling", 400), "elbv2": ("Throttling", 400), "sqs": ("RequestThrottled", 403),
    "lambda": ("TooManyRequestsException", 429), "dynamodb": ("ThrottlingException", 400),
    "s3": ("SlowDown", 503), "organizations": ("TooManyRequestsException", 400),
    "eks": ("ThrottlingException", 429), "cloudtrail": ("ThrottlingException", 400),
    "account": ("TooManyRequestsException", 429),
}
FAILED = {
    "iam": "ServiceFailure", "ec2": "InternalError", "s3": "InternalError", "dynamodb": "InternalServerError",
    "lambda": "ServiceException", "organizations": "ServiceException", "account": "InternalServerException",
    "eks": "ServerException",
}
UNAVAILABLE = {"ec2": "Unavailable", "eks": "ServiceUnavailableException"}
SKEWED = {"ec2": "RequestExpired", "s3": "RequestTimeTooSkewed"}
EXPIRED = {
    "iam": "ExpiredToken", "ec2": "RequestExpired", "s3": "ExpiredToken", "rds": "ExpiredToken",
    "elbv2": "ExpiredToken",
}


class Laboratory:
    """An authority whose laboratory is set and read by HTTP."""

    def __init__(self, *arguments, accounts=(SOURCE, TARGET)):
        self.log = tempfile.NamedTemporaryFile(prefix="attache-laboratory-", suffix=".log")
        stderr = os.dup(2)
        os.dup2(self.log.fileno(), 2)
        try:
            self.authority = Authority(ATTACHE, accounts, arguments)
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)

    def request(self, method, body=None, path="/_attache/lab", **headers):
        """Status and JSON of a request to the admin API."""
        link = http.client.HTTPConnection(self.authority.url.removeprefix("http://"), timeout=30)
        text = json.dumps(body) if isinstance(body, (dict, list)) else body
        link.request(method, path, text, {name.replace("_", "-"): value for name, value in headers.items()})
        response = link.getresponse()
        return response.status, json.loads(response.read())

    def set(self, *faults, **settings):
        status, answer = self.request("POST", {"faults": list(faults)} | settings)
        assert status == 200, answer

    def counts(self):
        return self.request("GET")[1]["counts"]

    def client(self, service, account=SOURCE, **more):
        return self.authority.client(service, account, **({"parameter_validation": False} | more))

    def log_text(self):
        return Path(self.log.name).read_text(encoding="utf-8")


def outcome(call):
    """What boto3 makes of a call: its result, or its exception."""
    try:
        return call()
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        return error


def code(result):
    """Code and status of a service's refusal."""
    if not isinstance(result, ClientError):
        return repr(result)
    return result.response["Error"]["Code"], result.response["ResponseMetadata"]["HTTPStatusCode"]


def each_fault_in_each_protocol(lab):
    for client_name, service, operation, members, member in SERVICES:
        client = lab.client(client_name)

        def call():
            return outcome(lambda: getattr(client, operation)(**members))

        def under(kind, **more):
            lab.set({"kind": kind, "service": service} | more)
            return call()
        lab.set()
        case(f"{client_name}: without a fault the call is answered", member in call(), call())
        case(f"{client_name}: throttling", code(under("throttling")) == THROTTLED[client_name], code(call()))
        expected = (FAILED.get(client_name, "InternalFailure"), 500)
        case(f"{client_name}: internal-error", code(under("internal-error")) == expected, code(call()))
        expected = (UNAVAILABLE.get(client_name, "ServiceUnavailable"), 503)
        case(f"{client_name}: service-unavailable", code(under("service-unavailable")) == expected, code(call()))
        got = under("reset")
        case(f"{client_name}: reset", isinstance(got, ConnectionClosedError), repr(got))
        got = under("reset-body")
        why = str(getattr(got, "kwargs", {}).get("error"))
        case(f"{client_name}: reset-body", isinstance(got, ConnectionClosedError) and "broken" in why and "reset" in why, (got, why))
        got = under("truncated-body")
        why = str(getattr(got, "kwargs", {}).get("error"))
        case(f"{client_name}: truncated-body", isinstance(got, ConnectionClosedError) and "IncompleteRead" in why, (got, why))
        got = under("short-body")
        # boto3 does not compare the length: XML ends too early, and of JSON nothing is left.
        noticed = isinstance(got, ResponseParserError) or code(got) == ("500", 500) or (
            isinstance(got, dict) and member not in got)
        case(f"{client_name}: short-body", noticed, repr(got))
        got = under("html-502")
        case(f"{client_name}: html-502", code(got) == ("502", 502), code(got))
        for kind, status in [("empty-200", 200), ("no-content", 204), ("foreign-json", 200)]:
            got = under(kind)
            if client_name == "s3" and kind == "foreign-json":
                # boto3 takes an answer of S3's that it cannot read for a failure of S3's.
                case("s3: foreign-json", code(got) == ("500", 500), code(got))
            elif client_name in XML and not (kind != "foreign-json" and isinstance(got, dict)):
                case(f"{client_name}: {kind}", isinstance(got, ResponseParserError), repr(got))
            else:
                # Nothing of it is the service's, and boto3 does not mind: the list is missing.
                answered = isinstance(got, dict) and got["ResponseMetadata"]["HTTPStatusCode"] == status
                case(f"{client_name}: {kind}", answered and member not in got, repr(got))
        got = under("clock-skew")
        expected = SKEWED.get(client_name, "SignatureDoesNotMatch" if client_name in XML else "InvalidSignatureException")
        case(f"{client_name}: clock-skew", code(got)[0] == expected, code(got))
        lab.set({"kind": "clock-skew", "service": service, "duration": "-20m"})
        got = call()
        date = got.response["ResponseMetadata"]["HTTPHeaders"].get("date", "") if isinstance(got, ClientError) else ""
        behind = time.time() - (http_time(date) if date else 0)
        case(f"{client_name}: the Date of a clock that is behind", 1190 < behind < 1210, (date, behind))
        before = time.monotonic()
        got = under("slow-body", duration="1s")
        took = time.monotonic() - before
        case(f"{client_name}: slow-body", member in got and took >= 1.0, (took, repr(got)))


def http_time(text):
    from email.utils import parsedate_to_datetime
    return parsedate_to_datetime(text).timestamp()


def slow_bodies_time_out(lab):
    lab.set({"kind": "slow-body", "duration": "10s"})
    for service, operation in [("iam", "list_roles"), ("ec2", "describe_vpcs"), ("dynamodb", "list_tables")]:
        client = lab.client(service, read_timeout=0.4)
        got = outcome(lambda: getattr(client, operation)())
        case(f"{service}: a slow body beyond the read timeout", isinstance(got, ReadTimeoutError), repr(got))


# Client, signing name, paginated operation, the member of its items, a page size.
PAGED = [
    ("iam", "iam", "list_roles", "Roles", 1), ("ec2", "ec2", "describe_instances", "Reservations", 5),
    ("rds", "rds", "describe_db_instances", "DBInstances", 20),
    ("elbv2", "elasticloadbalancing", "describe_load_balancers", "LoadBalancers", 1),
    ("sqs", "sqs", "list_queues", "QueueUrls", 2), ("lambda", "lambda", "list_functions", "Functions", 2),
    ("dynamodb", "dynamodb", "list_tables", "TableNames", 1), ("s3", "s3", "list_buckets", "Buckets", 2),
    ("organizations", "organizations", "list_accounts", "Accounts", 1),
    ("account", "account", "list_regions", "Regions", 1), ("eks", "eks", "list_clusters", "clusters", 1),
]


def faults_of_pages(lab):
    trust = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "sts:AssumeRole"}})
    lab.set()
    for number in range(3):
        lab.client("iam").create_role(RoleName=f"Role{number}", AssumeRolePolicyDocument=trust)
    for client_name, service, operation, member, size in PAGED:
        client = lab.client(client_name)
        paginator = client.get_paginator(operation)

        def pages(**more):
            return paginator.paginate(PaginationConfig={"PageSize": size} | more)
        lab.set()
        whole = [item for page in pages() for item in page.get(member, [])]
        lab.set({"kind": "endless-token", "service": service})
        many = list(itertools.islice(pages(), 60))
        found = [item for page in many for item in page.get(member, [])]
        case(f"{client_name}: endless-token", len(many) == 60 and len(found) >= min(60, len(whole)), len(many))
        lab.set({"kind": "repeated-page", "service": service})
        got = outcome(lambda: list(itertools.islice(pages(), 60)))
        case(f"{client_name}: repeated-page", isinstance(got, PaginationError) and "same next token" in str(got), repr(got)[:200])
        if len(whole) > size:
            lab.set({"kind": "expired-token", "service": service})
            seen = []
            got = outcome(lambda: [seen.append(page) for page in pages()])
            expected = EXPIRED.get(client_name, "ExpiredTokenException")
            case(f"{client_name}: expired-token after {len(seen)} page", len(seen) == 1 and code(got)[0] == expected, code(got))


def which_calls(lab):
    iam, other, ec2 = lab.client("iam"), lab.client("iam", TARGET), lab.client("ec2")
    lab.set({"kind": "throttling", "account": SOURCE, "service": "iam", "operation": "List*", "count": 2})
    case("a fault of another account", "Roles" in other.list_roles())
    case("a fault of another service", "Vpcs" in ec2.describe_vpcs())
    case("a fault of another operation", "SummaryMap" in iam.get_account_summary())
    got = [isinstance(outcome(iam.list_roles), ClientError) for _ in range(4)]
    case("a fault that happens twice", got == [True, True, False, False], got)
    case("it is counted", lab.counts()["faults"] == [2], lab.counts())

    def draw(seed):
        lab.set({"kind": "internal-error", "probability": 0.3}, seed=seed)
        return [isinstance(outcome(ec2.describe_vpcs), ClientError) for _ in range(60)]
    first = draw(5)
    case("a probability", 5 < sum(first) < 32, sum(first))
    case("a seed gives the same calls again", first == draw(5) and first != draw(6))
    lab.set({"kind": "throttling", "region": "eu-west-1"})
    west = lab.authority.client("ec2", SOURCE, region="eu-west-1")
    case("a fault of a region", "Vpcs" in ec2.describe_vpcs() and isinstance(outcome(west.describe_vpcs), ClientError))
    lab.set()


def web_identity():
    """AssumeRoleWithWebIdentity has no signature; its account is the role's."""
    with tempfile.TemporaryDirectory() as folder:
        issuer = Issuer(ATTACHE, folder)
        lab = Laboratory("--issuer", f"{issuer.url}={issuer.jwks}")
        iam = lab.client("iam", TARGET)
        provider = issuer.url.removeprefix("https://")
        iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["sts.amazonaws.com"])
        trust = {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{TARGET}:oidc-provider/{provider}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{provider}:aud": "sts.amazonaws.com"}}}}
        iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps(trust))
        token = issuer.token()
        lab.set({"kind": "throttling", "service": "sts", "account": TARGET})
        got = outcome(lambda: lab.authority.assume("Reader", token))
        case("web identity: throttling of the role's account", code(got) == ("Throttling", 400), code(got))
        lab.set({"kind": "truncated-body", "service": "sts"})
        got = outcome(lambda: lab.authority.assume("Reader", token))
        case("web identity: truncated-body", "IncompleteRead" in str(getattr(got, "kwargs", {}).get("error")), repr(got))
        lab.set({"kind": "throttling", "service": "sts", "account": SOURCE})
        case("web identity: a fault of another account", "Credentials" in lab.authority.assume("Reader", token))
        lab.authority.stop()


def latency():
    lab = Laboratory("--latency", "40ms,p99=200ms", "--laboratory-seed", "3")
    for service, operation in [("iam", "list_roles"), ("ec2", "describe_vpcs"), ("dynamodb", "list_tables"), ("s3", "list_buckets")]:
        client = lab.client(service)
        getattr(client, operation)()
        times = []
        for _ in range(60):
            before = time.monotonic()
            getattr(client, operation)()
            times.append((time.monotonic() - before) * 1000)
        times.sort()
        # A loaded machine adds its own.
        case(f"{service}: a median of 40 ms", 32 < times[30] < 150, times[30])
        case(f"{service}: a tail", 80 < times[-1] < 1500, times[-1])
    started = time.monotonic()
    got = outcome(lambda: lab.authority.client("iam", SOURCE).get_role(RoleName="nobody"))
    case("a refusal is late as well", code(got) == ("NoSuchEntity", 404) and time.monotonic() - started > 0.01, code(got))
    lab.authority.stop()


def rates():
    lab = Laboratory("--rates", "aws")

    def admitted(client_name, operation, most, account=SOURCE, **members):
        """How many calls are let through until the first refusal, the seconds that they took, and the refusal."""
        client = lab.client(client_name, account)
        started = time.monotonic()
        for number in range(most):
            got = outcome(lambda: getattr(client, operation)(**members))
            if isinstance(got, ClientError):
                return number, time.monotonic() - started, code(got)
        return most, time.monotonic() - started, None

    def bucket(name, got, burst, refill, refusal):
        number, seconds, refused = got
        case(name, min(burst, 5) <= number <= burst + refill * seconds + 1 and refused == refusal, got)
    bucket("account: ListRegions by 5 a second", admitted("account", "list_regions", 400), 5, 5,
           ("TooManyRequestsException", 429))
    elb = admitted("elbv2", "describe_load_balancers", 900)
    bucket("elbv2: 40 at once and 10 a second", elb, 40, 10, ("Throttling", 400))
    shared = admitted("elbv2", "describe_target_groups", 300)
    case("elbv2: one bucket for all of Describe*", shared[0] <= 10 * shared[1] + 6, shared)
    other = admitted("elbv2", "describe_target_groups", 10, account=TARGET)
    case("elbv2: another account has its own", other[2] is None, other)
    ec2 = admitted("ec2", "describe_instances", 1500)
    bucket("ec2: 50 at once and 10 a second without paging", ec2, 50, 10, ("RequestLimitExceeded", 503))
    paged = admitted("ec2", "describe_instances", 60, MaxResults=5)
    case("ec2: pages have another bucket", paged[2] is None, paged)
    functions = admitted("lambda", "list_functions", 200)
    bucket("lambda: 15 a second", functions, 15, 15, ("TooManyRequestsException", 429))
    databases = admitted("rds", "describe_db_instances", 60)
    case("rds: nothing is published", databases[2] is None, databases)
    case("what was refused is counted", lab.counts()["throttled"] >= 5, lab.counts())
    reason = wait_for_events(lab.authority, lambda event: "rate of" in event.get("reason", ""))
    case("the journal says why", bool(reason), reason[:1])
    lab.authority.stop()


def lists(authority, account, region):
    """All lists of an account in a region, by type, as the paginators give them."""
    found = {}
    for client_name, operation, member in [
        ("ec2", "describe_vpcs", "Vpcs"), ("ec2", "describe_subnets", "Subnets"), ("ec2", "describe_instances", "Reservations"),
        ("rds", "describe_db_instances", "DBInstances"), ("elbv2", "describe_load_balancers", "LoadBalancers"),
        ("elbv2", "describe_target_groups", "TargetGroups"), ("sqs", "list_queues", "QueueUrls"),
        ("lambda", "list_functions", "Functions"), ("dynamodb", "list_tables", "TableNames"),
    ]:
        client = authority.client(client_name, account, region=region)
        pages = client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 100})
        found[member] = [item for page in pages for item in page.get(member, [])]
    return found


def resident(authority):
    """The resident memory in megabytes."""
    text = Path(f"/proc/{authority.process.pid}/status").read_text(encoding="utf-8")
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def resources():
    few = Authority(ATTACHE, (SOURCE, TARGET), ["--resources", "3001"])
    total, seen = 0, {}
    for account in (SOURCE, TARGET):
        total += len(few.client("s3", account).list_buckets()["Buckets"])
        for region in ("us-east-1", "eu-west-1"):
            seen[account, region] = lists(few, account, region)
            total += sum(len(items) for items in seen[account, region].values())
    case("there are exactly as many as were asked for", total == 3001, total)
    first = seen[TARGET, "eu-west-1"]
    ec2, elb = few.client("ec2", TARGET, region="eu-west-1"), few.client("elbv2", TARGET, region="eu-west-1")
    listed = [one for one in first["Reservations"]][7]["Instances"][0]
    described = ec2.describe_instances(InstanceIds=[listed["InstanceId"]])["Reservations"][0]["Instances"][0]
    case("an instance is described as it is listed", described == listed)
    case("its subnet exists", listed["SubnetId"] in {one["SubnetId"] for one in first["Subnets"]})
    for balancer in first["LoadBalancers"]:
        listener = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"][0]
        group = listener["DefaultActions"][0]["TargetGroupArn"]
        health = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        targets = ec2.describe_instances(InstanceIds=[one["Target"]["Id"] for one in health])["Reservations"]
    case("a load balancer leads to its instances", 1 <= len(targets) <= 3, targets)
    table = few.client("dynamodb", TARGET, region="eu-west-1").describe_table(TableName=first["TableNames"][-1])
    case("a table is described by its name", table["Table"]["TableName"] == first["TableNames"][-1])
    function = first["Functions"][3]
    got = few.client("lambda", TARGET, region="eu-west-1").get_function(FunctionName=function["FunctionName"])
    case("a function is described as it is listed", got["Configuration"] == function)
    database = first["DBInstances"][-1]
    got = few.client("rds", TARGET, region="eu-west-1").describe_db_instances(
        DBInstanceIdentifier=database["DBInstanceIdentifier"])["DBInstances"]
    case("a database is described as it is listed", got == [database])
    ids = [one["Instances"][0]["InstanceId"] for place in seen.values() for one in place["Reservations"]]
    case("no two instances share an id", len(set(ids)) == len(ids))
    few.restart((SOURCE, TARGET))
    case("after a restart they are the same", lists(few, TARGET, "eu-west-1") == first)
    few.stop()

    before = time.monotonic()
    many = Authority(ATTACHE, (), ["--accounts", "1000", "--resources", "large"])
    started = time.monotonic() - before
    idle = resident(many)
    ec2 = many.client("ec2", TARGET)
    pages = ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 100})
    found = sum(len(page["Reservations"]) for page in pages)
    used = resident(many)
    print(f"     1,000 accounts, 1,000,000 resources: started in {started:.1f} s; resident {idle:.0f} MB, then {used:.0f} MB")
    case("a share of a million", 150 < found < 400, found)
    many.stop()
    one = Authority(ATTACHE, (SOURCE,), ["--resources", "1000000"])
    idle = resident(one)
    pages = one.client("ec2", SOURCE).get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 1000})
    found = sum(len(page["Reservations"]) for page in itertools.islice(pages, 30))
    tables = one.client("dynamodb", SOURCE).get_paginator("list_tables").paginate()
    names = [name for page in tables for name in page["TableNames"]]
    used = resident(one)
    print(f"     1 account, 1,000,000 resources: resident {idle:.0f} MB; {used:.0f} MB after {found + len(names):,} were listed")
    case("30 pages of a thousand", found == 30_000, found)
    case("all tables of a region, in order", len(names) > 30_000 and names == sorted(set(names)), len(names))
    case("a million resources are not held in memory", used < 200 and used - idle < 60, (idle, used))
    one.stop()


def settings_and_guards(lab):
    lab.set({"kind": "500", "service": "ec2", "probability": 0.5}, latency="1ms,p99=2ms", rates="aws", seed=9)
    status, answer = lab.request("GET")
    expected = {"seed": 9, "latency": "1ms,p99=2ms", "rates": "aws",
                "faults": [{"kind": "internal-error", "service": "ec2", "probability": 0.5}]}
    case("the settings are read back", status == 200 and answer["settings"] == expected, answer)
    for body, part in [
        ("", "line 1 column 0"), ("{", "line 1 column 1"), ('{"latency":\n40}', "line 2 column 2"),
        ('{"faults":[{"kind":"flood"}]}', "unknown variant `flood`"), ('{"fautls":[]}', "unknown field `fautls`"),
        ('{"faults":[{"kind":"500","service":"ec3"}]}', "no service \"ec3\" is served here"),
        ('{"faults":[{"kind":"500","probability":7}]}', "at most 1, found 7"),
        ('{"latency":"40ms,p99=1ms"}', "at least the median"),
    ]:
        status, answer = lab.request("POST", body)
        case(f"{body!r} is refused with its place", status == 400 and part in answer["error"], answer)
    case("a mistake changes nothing", lab.request("GET")[1]["settings"] == expected)
    for method in ("PUT", "DELETE", "OPTIONS"):
        case(f"{method} is not allowed", lab.request(method)[0] == 405)
    for name, headers in [
        ("a page of another site", {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}),
        ("a page without an origin", {"Origin": "null"}),
        ("a page of another port", {"Origin": "http://localhost:3000"}),
        ("a form of another site", {"Origin": "https://evil.example", "Content-Type": "text/plain"}),
        ("a link of another site", {"Sec-Fetch-Site": "cross-site"}),
        ("DNS rebinding", {"Host": "evil.example:4599"}),
        ("a reverse proxy", {"X-Forwarded-For": "203.0.113.7"}),
        ("a gateway", {"Via": "1.1 gateway"}),
        ("a rewritten path", {"X-Original-URL": "/"}),
    ]:
        for method in ("GET", "POST"):
            status, _ = lab.request(method, {} if method == "POST" else None, **headers)
            case(f"{name} cannot {method} the laboratory", status == 403, status)
    case("and none of them changed it", lab.request("GET")[1]["settings"] == expected)
    lab.set()


def the_log(lab):
    client = lab.client("ec2")
    for kind in ("throttling", "reset-body", "html-502", "clock-skew"):
        lab.set({"kind": kind, "service": "ec2"})
        outcome(client.describe_vpcs)
        text = lab.log_text()
        case(f"the log names {kind}", re.search(rf"fault={kind}\b.*operation=ec2:DescribeVpcs", text), text[-300:])
    lab.set()
    found = wait_for_events(lab.authority, lambda event: event.get("reason") == "a fault of the laboratory: throttling")
    case("the journal names a fault that refuses", bool(found))


def executed():
    def run(*words, arguments=(), **more):
        return subprocess.run([ATTACHE, "authority", "--ephemeral", "--listen", "127.0.0.1:0", "--account", SOURCE,
                               "--account", TARGET, *arguments, "--exec", *words],
                              capture_output=True, text=True, timeout=120, **more)
    script = ("import boto3, os, sys\n"
              "assert boto3.client('sts').get_caller_identity()['Account'] == '111111111111'\n"
              "s = boto3.Session(profile_name='222222222222')\n"
              "print(s.client('sts').get_caller_identity()['Account'], s.region_name, os.environ['AWS_REGION'])\n"
              "sys.exit(int(sys.argv[1]))\n")
    lost = dict(os.environ, AWS_PROFILE="elsewhere", AWS_ENDPOINT_URL_STS="http://127.0.0.1:1", HTTP_PROXY="http://127.0.0.1:1")
    done = run(sys.executable, "-c", script, "7", env=lost)
    case("--exec: the command finds the AWS and its exit code is kept", done.returncode == 7, (done.returncode, done.stderr[-500:]))
    case("--exec: standard output is the command's", done.stdout == "222222222222 us-east-1 us-east-1\n", done.stdout)
    done = run("--", "sh", "-c", "exit 0", "--output", "x")
    case("--exec: flags after it are the command's", done.returncode == 0, done.stderr)
    case("--exec: a command that does not exist", run("/nonexistent").returncode == 127)
    case("--exec: a command that cannot be run", run("/etc/passwd").returncode == 126)
    case("--exec: a signal's exit code", run("sh", "-c", "kill -KILL $$").returncode == 137)
    faulty = run(sys.executable, "-c", "import boto3; boto3.client('sts', config=__import__('botocore').config.Config("
                 "retries={'total_max_attempts': 1})).get_caller_identity()", arguments=["--fault", "503,service=sts"])
    case("--exec with a fault", faulty.returncode == 1 and "ServiceUnavailable" in faulty.stderr, faulty.stderr[-300:])
    for sent, trapped in [(signal.SIGTERM, "TERM"), (signal.SIGINT, "INT"), (signal.SIGHUP, "HUP"), (signal.SIGUSR1, "USR1")]:
        command = f"trap 'echo {trapped}; exit 5' {trapped}; echo ready; while :; do sleep 0.05; done"
        process = subprocess.Popen([ATTACHE, "authority", "--ephemeral", "--listen", "127.0.0.1:0", "--account", SOURCE,
                                    "--exec", "sh", "-c", command], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        process.stdout.readline()
        process.send_signal(sent)
        rest = process.stdout.read()
        case(f"--exec: SIG{trapped} is passed on", (rest.strip(), process.wait(20)) == (trapped, 5), rest)


def fixed_keys():
    lab = Laboratory("--access-key", "test:test", "--access-key", f"{TARGET}=AKIAFIXED:se/cr+et")
    for identity, secret, account in [("test", "test", SOURCE), ("AKIAFIXED", "se/cr+et", TARGET)]:
        import boto3
        client = boto3.client("sts", endpoint_url=lab.authority.url, region_name="us-east-1", aws_access_key_id=identity,
                              aws_secret_access_key=secret, config=Config(retries={"total_max_attempts": 1}))
        got = outcome(client.get_caller_identity)
        case(f"the key {identity} is the administrator's of {account}",
             isinstance(got, dict) and got["Arn"] == f"arn:aws:iam::{account}:user/administrator", repr(got))
        wrong = boto3.client("sts", endpoint_url=lab.authority.url, region_name="us-east-1", aws_access_key_id=identity,
                             aws_secret_access_key="wrong", config=Config(retries={"total_max_attempts": 1}))
        case("with another secret it is not", code(outcome(wrong.get_caller_identity))[0] == "SignatureDoesNotMatch")
    case("the credentials file has it", lab.authority.keys(SOURCE) == ["test", "test"])
    text = lab.authority.credentials.read_text()
    case("each profile has a region", text.count("region = us-east-1") == 2, text.count("region"))
    lab.set({"kind": "throttling", "account": SOURCE})
    got = outcome(lab.client("iam").list_roles)
    case("a fault of the account of a fixed key", code(got)[0] == "Throttling", code(got))
    lab.authority.stop()
    for value, part in [("hush", "[ACCOUNT=]ID:SECRET"), ("333333333333=a:hush", "does not exist")]:
        done = subprocess.run([ATTACHE, "authority", "--ephemeral", "--listen", "127.0.0.1:0", "--account", SOURCE,
                               "--access-key", value], capture_output=True, text=True, timeout=60)
        case(f"a key that is not one is refused, without its secret: {part}",
             done.returncode == 2 and part in " ".join(done.stderr.split()) and "hush" not in done.stderr, done.stderr)


def flags():
    for arguments, part in [
        (["--latency", "fast"], "expected a duration such as 40ms"), (["--latency", "40ms,p99=1ms"], "at least the median"),
        (["--rates", "gcp"], "expected aws"), (["--fault", "flood"], "unknown variant `flood`"),
        (["--resources", "huge"], "small (1,000)"), (["--resources", "1000001"], "a number from 1 to 1000000"),
        (["--fault", "500,ec2"], "KIND[,MEMBER=VALUE]"), (["--fault", "500,service=ec3"], "no service \"ec3\" is served"),
    ]:
        done = subprocess.run([ATTACHE, "authority", "--ephemeral", "--listen", "127.0.0.1:0", "--account", SOURCE, *arguments],
                              capture_output=True, text=True, timeout=60)
        told = " ".join(word for word in done.stderr.split() if word != "│")
        case(f"{' '.join(arguments)} is refused", done.returncode == 2 and part in told, done.stderr)
    process = subprocess.Popen([ATTACHE, "authority", "--ephemeral", "--listen", "0.0.0.0:0", "--account", SOURCE],
                               stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.terminate()
    _, errors = process.communicate(timeout=20)
    case("listening beyond loopback is warned of", "warning: the embedded AWS listens on 0.0.0.0" in errors, errors)


if __name__ == "__main__":
    LAB = Laboratory("--explain")
    each_fault_in_each_protocol(LAB)
    slow_bodies_time_out(LAB)
    faults_of_pages(LAB)
    which_calls(LAB)
    settings_and_guards(LAB)
    the_log(LAB)
    LAB.authority.stop()
    web_identity()
    latency()
    rates()
    resources()
    executed()
    fixed_keys()
    flags()
    finish()
