"""The sample resources with real clients: boto3's paginators and the `aws` command line. Pages of any size must
give the same list, and the errors must be those of each service.

Usage: sample_resources_clients.py ATTACHE
"""

import json
import os
import re
import subprocess
import sys
import tempfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

MANAGEMENT, ACCOUNT = "111111111111", "222222222222"
QUICK = Config(retries={"total_max_attempts": 1})


class Authority:
    """`attache authority` on a free port, for the duration of the block."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        data = os.path.join(self.folder.name, "data")
        self.process = subprocess.Popen(
            [sys.argv[1], "authority", "--listen", "127.0.0.1:0", "--data", data,
             "--account", MANAGEMENT, "--account", ACCOUNT],
            stdout=subprocess.PIPE, text=True,
        )
        self.credentials = os.path.join(data, "credentials")
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = found.group()
                return self
        raise SystemExit("attache authority ended without saying where it listens")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def session(self, account=ACCOUNT):
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = self.credentials
        os.environ["AWS_CONFIG_FILE"] = "/dev/null"
        return boto3.Session(profile_name=account, region_name="us-east-1")

    def client(self, service, account=ACCOUNT, region="us-east-1"):
        return self.session(account).client(
            service, endpoint_url=self.url, region_name=region, config=QUICK)

    def aws(self, *words, account=ACCOUNT):
        env = dict(os.environ, AWS_PROFILE=account, AWS_DEFAULT_REGION="us-east-1",
                   AWS_SHARED_CREDENTIALS_FILE=self.credentials, AWS_CONFIG_FILE="/dev/null")
        done = subprocess.run(
            ["aws", *words, "--endpoint-url", self.url, "--output", "json"],
            capture_output=True, text=True, env=env, timeout=60, check=False)
        assert done.returncode == 0, f"aws {' '.join(words)}: {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else {}


# service, operation, path of the items, a small page size that the service allows
PAGED = [
    ("ec2", "describe_instances", "Reservations", 5),
    ("ec2", "describe_vpcs", "Vpcs", 5),
    ("ec2", "describe_subnets", "Subnets", 5),
    ("ec2", "describe_security_groups", "SecurityGroups", 5),
    ("rds", "describe_db_instances", "DBInstances", 20),
    ("elbv2", "describe_load_balancers", "LoadBalancers", 1),
    ("elbv2", "describe_target_groups", "TargetGroups", 1),
    ("sqs", "list_queues", "QueueUrls", 2),
    ("lambda", "list_functions", "Functions", 2),
    ("dynamodb", "list_tables", "TableNames", 1),
    ("s3", "list_buckets", "Buckets", 2),
    ("organizations", "list_accounts", "Accounts", 1),
]


def plain(value):
    """The items without fields that may differ in a second response."""
    return json.dumps(value, default=str, sort_keys=True)


def paging(authority):
    for service, operation, items, size in PAGED:
        account = MANAGEMENT if service == "organizations" else ACCOUNT
        client = authority.client(service, account)
        whole = getattr(client, operation)()[items]
        assert whole, f"{service} {operation} found nothing"
        pages = client.get_paginator(operation).paginate(PaginationConfig={"PageSize": size})
        pages = [page.get(items, []) for page in pages]
        paged = [item for page in pages for item in page]
        assert plain(paged) == plain(whole), f"{service} {operation}: pages differ from the whole"
        assert all(len(page) <= size for page in pages), f"{service} {operation}: a page is too long"
        print(f"ok  {service} {operation}: {len(whole)} in {len(pages)} pages")


# service, call, error code
REFUSED = [
    ("ec2", lambda c: c.describe_instances(InstanceIds=["i-0000000000000dead"]),
     "InvalidInstanceID.NotFound"),
    ("ec2", lambda c: c.describe_vpcs(VpcIds=["vpc-dead"]), "InvalidVpcID.NotFound"),
    ("ec2", lambda c: c.describe_instances(NextToken="nonsense"), "InvalidNextToken"),
    ("ec2", lambda c: c.describe_instances(Filters=[{"Name": "colour", "Values": ["red"]}]),
     "InvalidParameterValue"),
    ("ec2", lambda c: c.describe_volumes(), "InvalidAction"),
    ("rds", lambda c: c.describe_db_instances(DBInstanceIdentifier="nobody"),
     "DBInstanceNotFound"),
    ("rds", lambda c: c.describe_db_instances(MaxRecords=3), "InvalidParameterValue"),
    ("elbv2", lambda c: c.describe_load_balancers(Names=["nobody"]), "LoadBalancerNotFound"),
    ("sqs", lambda c: c.get_queue_url(QueueName="nobody"),
     "AWS.SimpleQueueService.NonExistentQueue"),
    ("lambda", lambda c: c.get_function(FunctionName="nobody"), "ResourceNotFoundException"),
    ("dynamodb", lambda c: c.describe_table(TableName="nobody"), "ResourceNotFoundException"),
    ("s3", lambda c: c.get_bucket_location(Bucket="nobody-has-this"), "NoSuchBucket"),
    ("dynamodb", lambda c: c.list_backups(), "UnknownOperationException"),
]


def refusals(authority):
    for service, call, code in REFUSED:
        try:
            call(authority.client(service))
        except ClientError as error:
            got = error.response["Error"]["Code"]
            # Newer clients translate the error of SQS to its older name, others do not.
            same = got == code or (service == "sqs" and got.endswith("QueueDoesNotExist"))
            assert same, f"{service}: wanted {code}, got {got}"
            print(f"ok  {service} refuses with {got}")
        else:
            raise AssertionError(f"{service} did not refuse with {code}")


def details(authority):
    ec2, elb = authority.client("ec2"), authority.client("elbv2")
    running = ec2.describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["run*"]}])["Reservations"]
    instance = running[0]["Instances"][0]
    assert instance["State"]["Name"] == "running"
    one = ec2.describe_instances(InstanceIds=[instance["InstanceId"]])["Reservations"]
    assert [i["InstanceId"] for r in one for i in r["Instances"]] == [instance["InstanceId"]]
    ids = {i["InstanceId"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]}
    for group in elb.describe_target_groups()["TargetGroups"]:
        health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
        assert {t["Target"]["Id"] for t in health["TargetHealthDescriptions"]} <= ids
        tags = elb.describe_tags(ResourceArns=[group["TargetGroupArn"]])["TagDescriptions"]
        assert tags[0]["Tags"], "a target group has tags"
    listeners = elb.describe_listeners(
        LoadBalancerArn=elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"])
    assert listeners["Listeners"][0]["DefaultActions"][0]["Type"] == "forward"
    database = authority.client("rds").describe_db_instances()["DBInstances"][0]
    assert database["TagList"] and database["Endpoint"]["Port"] in (3306, 5432)
    sqs = authority.client("sqs")
    url = sqs.list_queues()["QueueUrls"][0]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["QueueArn"].endswith(url.rsplit("/", 1)[1])
    regions = ec2.describe_regions()["Regions"]
    assert len(regions) == 17 and {"us-east-1", "eu-west-1"} <= {r["RegionName"] for r in regions}
    every = ec2.describe_regions(AllRegions=True)["Regions"]
    assert {r["OptInStatus"] for r in every} == {"opt-in-not-required", "not-opted-in"}
    other = authority.client("ec2", region="eu-west-1").describe_instances()["Reservations"]
    assert not ids & {i["InstanceId"] for r in other for i in r["Instances"]}
    print("ok  filters, tags, targets, attributes and regions agree with each other")


# the command, and the path of its items
COMMANDS = [
    ("ec2 describe-instances", "Reservations"),
    ("rds describe-db-instances", "DBInstances"),
    ("sqs list-queues", "QueueUrls"),
    ("lambda list-functions", "Functions"),
    ("dynamodb list-tables", "TableNames"),
    ("s3api list-buckets", "Buckets"),
    ("elbv2 describe-load-balancers", "LoadBalancers"),
]


def commands(authority):
    for words, items in COMMANDS:
        assert authority.aws(*words.split())[items], words
        print(f"ok  aws {words}")
    accounts = authority.aws("organizations", "list-accounts", account=MANAGEMENT)["Accounts"]
    assert {a["Id"] for a in accounts} == {MANAGEMENT, ACCOUNT}
    print("ok  aws organizations list-accounts")
    if os.path.exists("/usr/bin/aws"):
        # Debian's version 2 still uses the older protocol of SQS.
        path, os.environ["PATH"] = os.environ["PATH"], f"/usr/bin:{os.environ['PATH']}"
        assert authority.aws("sqs", "list-queues")["QueueUrls"]
        assert authority.aws("ec2", "describe-instances", "--max-items", "2")["NextToken"]
        # In that protocol too, no results is an empty result and not an invalid one.
        assert not authority.aws("sqs", "list-queues", "--queue-name-prefix", "nobody")
        os.environ["PATH"] = path
        print("ok  aws of Debian: sqs list-queues, ec2 describe-instances --max-items")


with Authority() as running_authority:
    paging(running_authority)
    refusals(running_authority)
    details(running_authority)
    commands(running_authority)
