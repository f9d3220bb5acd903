"""The mediator with moto, an independent implementation: with the values and the Secret of examples/seed it must
find what boto3 finds, and report the account mismatch in them.

Usage: mediator_moto.py ATTACHE
"""

import base64
import io
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.config import Config

from lib.cleanup import run_and_clean_up

attache = sys.argv[1]
SEED = pathlib.Path(__file__).parents[2] / "examples" / "seed"
ROLE_ACCOUNT, CLAIMED = "222222222222", "123456789012"
ROLE = f"arn:aws:iam::{ROLE_ACCOUNT}:role/CauselyAccess"
REGIONS = ["us-east-1", "eu-west-1"]
work = pathlib.Path(tempfile.mkdtemp(prefix="attache-moto-"))
started = []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, timeout=10):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


def wait_for(what, seconds, attempt):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = attempt()
            if found:
                return found
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.2)
    raise SystemExit(f"{what} did not come within {seconds} s")


def start_moto():
    port = free_port()
    server = pathlib.Path(sys.executable).parent / "moto_server"
    log = open(work / "moto.log", "w", encoding="utf-8")
    started.append(subprocess.Popen(
        [str(server), "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log))
    url = f"http://127.0.0.1:{port}"
    wait_for("moto", 60, lambda: get(f"{url}/moto-api/"))
    return url


def session_in(account, url):
    """Credentials that moto assigns to the account."""
    sts = boto3.client("sts", endpoint_url=url, region_name="us-east-1",
                       aws_access_key_id="test", aws_secret_access_key="test")
    given = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/Maker", RoleSessionName="peer")
    keys = given["Credentials"]
    return lambda service, region: boto3.client(
        service, endpoint_url=url, region_name=region,
        aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}))


def lambda_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr("main.py", "def handler(event, context): return 1\n")
    return packed.getvalue()


def make_resources(client, region):
    ec2 = client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": f"shop & sons {region}"}])
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{n}.0/24",
                                 AvailabilityZone=f"{region}{zone}")["Subnet"]["SubnetId"]
               for n, zone in enumerate("ab")]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=3, MaxCount=3, SubnetId=subnets[0])

    rds = client("rds", region)
    rds.create_db_subnet_group(DBSubnetGroupName="shop", DBSubnetGroupDescription="d",
                               SubnetIds=subnets)
    for n in range(2):
        rds.create_db_instance(
            DBInstanceIdentifier=f"orders-{n}", DBInstanceClass="db.t3.micro", Engine="postgres",
            AllocatedStorage=20, MasterUsername="u", MasterUserPassword="not-a-secret-1",
            DBSubnetGroupName="shop", Tags=[{"Key": "team", "Value": "shop"}])

    elb = client("elbv2", region)
    elb.create_load_balancer(Name="shop", Subnets=subnets)
    elb.create_target_group(Name="shop-web", Protocol="HTTP", Port=80, VpcId=vpc)

    sqs = client("sqs", region)
    for name in ["orders", "returns.fifo"]:
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        sqs.create_queue(QueueName=name, Attributes=fifo)

    functions = client("lambda", region)
    for n in range(2):
        functions.create_function(
            FunctionName=f"resize-{n}", Runtime="python3.12", Handler="main.handler",
            Role=f"arn:aws:iam::{ROLE_ACCOUNT}:role/Runner", Code={"ZipFile": lambda_zip()},
            Environment={"Variables": {"PASSWORD": "hunter2"}})

    dynamodb = client("dynamodb", region)
    for n in range(3):
        dynamodb.create_table(
            TableName=f"carts-{n}", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])


def listed(client, region):
    """The ARNs by type, listed by boto3."""
    ec2, elb = client("ec2", region), client("elbv2", region)

    def ec2_arn(kind, id_):
        return f"arn:aws:ec2:{region}:{ROLE_ACCOUNT}:{kind}/{id_}"

    def all_of(api, operation, key):
        return [i for page in api.get_paginator(operation).paginate() for i in page.get(key, [])]

    instances = all_of(ec2, "describe_instances", "Reservations")
    return {
        "ec2:vpc": {ec2_arn("vpc", v["VpcId"]) for v in all_of(ec2, "describe_vpcs", "Vpcs")},
        "ec2:subnet": {s["SubnetArn"] for s in all_of(ec2, "describe_subnets", "Subnets")},
        "ec2:instance": {ec2_arn("instance", i["InstanceId"])
                         for r in instances for i in r["Instances"]},
        "rds:db": {d["DBInstanceArn"] for d in all_of(
            client("rds", region), "describe_db_instances", "DBInstances")},
        "elasticloadbalancing:loadbalancer": {
            b["LoadBalancerArn"] for b in all_of(elb, "describe_load_balancers", "LoadBalancers")},
        "elasticloadbalancing:targetgroup": {
            g["TargetGroupArn"] for g in all_of(elb, "describe_target_groups", "TargetGroups")},
        "sqs:queue": {f"arn:aws:sqs:{region}:{ROLE_ACCOUNT}:{u.rsplit('/', 1)[1]}"
                      for u in all_of(client("sqs", region), "list_queues", "QueueUrls")},
        "lambda:function": {f["FunctionArn"].removesuffix(":$LATEST") for f in all_of(
            client("lambda", region), "list_functions", "Functions")},
        "dynamodb:table": {f"arn:aws:dynamodb:{region}:{ROLE_ACCOUNT}:table/{t}" for t in all_of(
            client("dynamodb", region), "list_tables", "TableNames")},
    }


def part(claims):
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def configuration():
    """The files of examples/seed with a real region, and a token that moto accepts."""
    secret = (SEED / "aws-secret.yaml").read_text(encoding="utf-8")
    (work / "aws-secret.yaml").write_text(secret.replace("region-code", "us-east-1"))
    now = int(time.time())
    claims = {"iss": "https://oidc.example/id/1", "aud": "sts.amazonaws.com", "iat": now,
              "sub": "system:serviceaccount:causely:causely-mediator", "exp": now + 3600}
    token = f"{part({'alg': 'RS256', 'kid': '1'})}.{part(claims)}.c2lnbmF0dXJl"
    (work / "token").write_text(token)
    return token


def mediator(url, *more, values=SEED / "causely-values.yaml", secrets=work / "aws-secret.yaml"):
    return [attache, "mediator", "--values", str(values), "--secrets", str(secrets),
            "--token-file", str(work / "token"), "--endpoint-url", url, *more]


def placeholder_is_refused(url):
    done = subprocess.run(mediator(url, "--once", secrets=SEED / "aws-secret.yaml"),
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert "aws-secret.yaml:8:15" in done.stderr and "placeholder" in done.stderr, done.stderr
    print("ok  the placeholder `region-code` is refused with its position")


def endpoint_without_a_scheme_is_refused(url, token):
    done = subprocess.run(mediator(url.removeprefix("http://"), "--once", "-vv"),
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert "http://127.0.0.1:4566" in done.stderr, done.stderr
    assert token.split(".")[1] not in done.stdout + done.stderr, "the token is shown"
    print("ok  an endpoint without http:// is refused, and the token is not shown")


def whole_inventory(base):
    resources, cursor = [], ""
    while True:
        page = json.loads(get(f"{base}/api/v1/resources?limit=7&cursor={cursor}"))
        resources += page["resources"]
        cursor = page["next_cursor"]
        if not cursor:
            assert len(resources) == page["total"], (len(resources), page["total"])
            return resources


def compare(client, resources):
    for region in REGIONS:
        for kind, wanted in listed(client, region).items():
            got = [r["arn"] for r in resources if r["type"] == kind and r["region"] == region]
            assert wanted, f"boto3 lists no {kind} in {region}"
            assert set(got) == wanted and len(got) == len(wanted), \
                (kind, region, set(got) ^ wanted)
            print(f"ok  {region} {kind}: {len(got)}")
    buckets = {f"arn:aws:s3:::{b['Name']}"
               for b in client("s3", "us-east-1").list_buckets()["Buckets"]}
    got = {r["arn"] for r in resources if r["type"] == "s3:bucket"}
    assert got == buckets and len(got) == 2, (got, buckets)
    print(f"ok  s3:bucket: {len(got)}")


def accounts_and_coverage(base):
    (account,) = json.loads(get(f"{base}/api/v1/accounts"))["accounts"]
    assert account["id"] == ROLE_ACCOUNT and account["claimed_account"] == CLAIMED, account
    assert account["identity_arn"].startswith(
        f"arn:aws:sts::{ROLE_ACCOUNT}:assumed-role/CauselyAccess/attache-"), account
    coverage = json.loads(get(f"{base}/api/v1/coverage"))
    assert len(coverage["coverage"]) == 9 * len(REGIONS) + 1
    assert {line["status"] for line in coverage["coverage"]} == {"ok"}, coverage
    (warning,) = coverage["warnings"]
    assert CLAIMED in warning["message"] and ROLE_ACCOUNT in warning["message"], warning
    assert ROLE in warning["remedy"], warning
    print("ok  recorded under the session's account; the mismatch is a warning with its remedy")


def metrics(base):
    text = get(f"{base}/metrics")
    for name in ["attache_resources", "attache_scrape_duration_seconds", "attache_scrape_status",
                 "attache_session_expiry_seconds"]:
        assert f"\n{name}{{" in text, name
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing: apt-get install prometheus"
    done = subprocess.run([promtool, "check", "metrics"], input=text, text=True,
                          capture_output=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    print("ok  promtool accepts the metrics")


def follows_changes(client, base):
    client("sqs", "us-east-1").create_queue(QueueName="late")
    client("dynamodb", "eu-west-1").delete_table(TableName="carts-0")

    def seen():
        # One page, because a scrape between two pages may change the result.
        page = json.loads(get(f"{base}/api/v1/resources?limit=10000"))
        arns = {r["arn"] for r in page["resources"]}
        late = f"arn:aws:sqs:us-east-1:{ROLE_ACCOUNT}:late"
        gone = f"arn:aws:dynamodb:eu-west-1:{ROLE_ACCOUNT}:table/carts-0"
        return late in arns and gone not in arns

    wait_for("the change", 20, seen)
    print("ok  a new resource is added, a deleted one is removed")


def run():
    url = start_moto()
    client = session_in(ROLE_ACCOUNT, url)
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole"}]}
    client("iam", "us-east-1").create_role(
        RoleName="Runner", AssumeRolePolicyDocument=json.dumps(trust))
    for region in REGIONS:
        make_resources(client, region)
    client("s3", "us-east-1").create_bucket(Bucket="attache-peer-one")
    client("s3", "eu-west-1").create_bucket(
        Bucket="attache-peer-two",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    token = configuration()
    placeholder_is_refused(url)
    endpoint_without_a_scheme_is_refused(url, token)

    port = free_port()
    base = f"http://127.0.0.1:{port}"
    log = open(work / "mediator.log", "w", encoding="utf-8")
    server = subprocess.Popen(
        mediator(url, "--listen", f"127.0.0.1:{port}", "--data", str(work / "data"),
                 "--interval", "1s", "--regions", ",".join(REGIONS), "-vv"),
        stdout=log, stderr=log)
    started.append(server)
    wait_for("a complete coverage", 60, lambda: len(
        json.loads(get(f"{base}/api/v1/coverage"))["coverage"]) == 9 * len(REGIONS) + 1)
    resources = whole_inventory(base)
    compare(client, resources)
    raw = get(f"{base}/api/v1/resources?type=lambda:function&raw=true")
    assert "hunter2" not in raw and "MemorySize" in raw, raw[:500]
    page = get(f"{base}/")
    assert "<svg" in page and ROLE_ACCOUNT in page
    accounts_and_coverage(base)
    metrics(base)
    follows_changes(client, base)
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=10) == 0, "SIGTERM ends it cleanly"
    said = (work / "mediator.log").read_text(encoding="utf-8")
    assert token not in said and token.split(".")[1] not in said, "the token is in the log"
    print("ok  SIGTERM ended it; the log does not have the token")


run_and_clean_up(run, work, started)
