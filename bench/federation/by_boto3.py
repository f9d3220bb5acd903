"""What a person's own script would do: the provider and the role with its policy in each account, by threads.

    by_boto3.py URL CREDENTIALS SOURCE apply|plan|destroy THREADS ACCOUNT...
"""

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor as threads

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HOST = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
SUBJECT = "system:serviceaccount:causely:causely-mediator"
ROLE, POLICY = "CauselyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"
# A boto3 session is not for several threads at once.
MAKING = threading.Lock()


def iam_of(url, account):
    with MAKING:
        session = boto3.session.Session(profile_name=account, region_name="us-east-1")
        return session.client("iam", endpoint_url=url, config=Config(retries={"mode": "adaptive", "max_attempts": 10}))


def trust(account):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/{HOST}"},
        "Condition": {"StringEquals": {f"{HOST}:sub": SUBJECT, f"{HOST}:aud": "sts.amazonaws.com"}}}]})


def apply(iam, account):
    iam.create_open_id_connect_provider(Url=f"https://{HOST}", ClientIDList=["sts.amazonaws.com"])
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust(account))
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=POLICY)


def plan(iam, account):
    """The reads without which it cannot be said that nothing differs."""
    arn = f"arn:aws:iam::{account}:oidc-provider/{HOST}"
    iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    found = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    attached = iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    iam.list_role_policies(RoleName=ROLE)
    assert found == json.loads(trust(account)) and [one["PolicyArn"] for one in attached] == [POLICY], account


def destroy(iam, account):
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=POLICY)
    iam.delete_role(RoleName=ROLE)
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=f"arn:aws:iam::{account}:oidc-provider/{HOST}")


def main():
    url, credentials, _source, verb, parallel, *accounts = sys.argv[1:]
    os.environ |= {"AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_CONFIG_FILE": os.devnull}
    work = {"apply": apply, "plan": plan, "destroy": destroy}[verb]

    def one(account):
        try:
            work(iam_of(url, account), account)
        except ClientError as error:
            return f"{account}: {error}"
        return None

    with threads(int(parallel)) as pool:
        failed = [line for line in pool.map(one, accounts) if line]
    if failed:
        sys.exit("\n".join(failed[:10]))


if __name__ == "__main__":
    main()
