"""Several clusters and workloads in one file: each token opens what the file says and nothing else. With
`attache authority`, seen with boto3.

Usage: federation_several.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lib.authority import SOURCE, STS, TARGET, Authority, Issuer, case, refused, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-several-"))
CLUSTERS = {}
for NAME, ID in (("eu", "AAAAAAAA39D4633E53DE1B71AAAAAAAA"), ("us", "BBBBBBBB39D4633E53DE1B71BBBBBBBB")):
    (FOLDER / NAME).mkdir()
    CLUSTERS[NAME] = Issuer(ATTACHE, FOLDER / NAME, f"https://oidc.eks.us-east-1.amazonaws.com/id/{ID}")
THIRD = "333333333333"
AUTHORITY = Authority(ATTACHE, accounts=[SOURCE, TARGET, THIRD], arguments=[
    part for cluster in CLUSTERS.values() for part in ("--issuer", f"{cluster.url}={cluster.jwks}")])
ENVIRONMENT = AUTHORITY.environment(AWS_ENDPOINT_URL=AUTHORITY.url)
READER, BACKUP, LOCAL = (f"system:serviceaccount:{name}" for name in ("causely:reader", "ops:backup", "causely:local"))


def attache(verb, *words):
    return subprocess.run([ATTACHE, verb, "-f", "federation.yaml", *words], capture_output=True, text=True, timeout=300, cwd=FOLDER,
                          stdin=subprocess.DEVNULL, env=ENVIRONMENT)


def write(workloads="", clusters=("eu", "us"), backup="[ops/backup]"):
    lines = "\n".join(f"    - {{ name: {name}, issuer: {CLUSTERS[name].url} }}" for name in clusters)
    (FOLDER / "federation.yaml").write_text(f"""apiVersion: attache/v1
kind: Federation
metadata: {{ name: fleet }}
spec:
  clusters:
{lines}
  workloads:
    - {{ namespace: causely, serviceAccount: reader }}
    - {{ namespace: ops, serviceAccount: backup }}
{workloads}  source: {{ account: "{SOURCE}", role: Fleet }}
  targets:
    - {{ account: "{TARGET}", role: Reader, region: us-east-1, policies: [ReadOnlyAccess], workloads: [causely/reader] }}
    - {{ account: "{TARGET}", role: Backup, region: us-east-1, policies: [ReadOnlyAccess], workloads: {backup} }}
    - {{ account: "{THIRD}", role: Reader, region: eu-central-1, access: {{ catalog: [s3:bucket] }} }}
""")


LOCAL_ONLY = "    - { namespace: causely, serviceAccount: local, clusters: [eu] }\n"


def opens(cluster, subject, role, account=TARGET):
    token = CLUSTERS[cluster].token(subject)
    return "Credentials" in AUTHORITY.assume(role, token, account)


def closed(name, cluster, subject, role, account=TARGET):
    refused(name, lambda: AUTHORITY.assume(role, CLUSTERS[cluster].token(subject), account), "AccessDenied")


def in_sync(name):
    done = attache("plan", "--check")
    case(name, done.returncode == 0 and "No changes." in done.stdout, done.stdout + done.stderr)


def statements(role, account=TARGET):
    found = AUTHORITY.client("iam", account).get_role(RoleName=role)["Role"]
    return found["AssumeRolePolicyDocument"]["Statement"]


def verified(cluster, subject, *words):
    (FOLDER / "token").write_text(CLUSTERS[cluster].token(subject))
    done = attache("verify", "--token", "token", "--output", "json", *words)
    return done, json.loads(done.stdout)["checks"]


def each_token_opens_what_the_file_says():
    write(LOCAL_ONLY)
    done = attache("apply", "--yes")
    case("apply", done.returncode == 0, done.stderr)
    in_sync("the second plan is empty")
    for cluster in CLUSTERS:
        case(f"reader of {cluster}", opens(cluster, READER, "Reader") and opens(cluster, READER, "Reader", THIRD))
        case(f"backup of {cluster}", opens(cluster, BACKUP, "Backup"))
        closed(f"reader of {cluster} has not backup's role", cluster, READER, "Backup")
        closed(f"backup of {cluster} has not reader's", cluster, BACKUP, "Reader")
    case("local in its cluster", opens("eu", LOCAL, "Reader", THIRD))
    closed("local in the other", "us", LOCAL, "Reader", THIRD)
    closed("local has no role in the target", "eu", LOCAL, "Reader")
    closed("a subject of nobody's", "eu", "system:serviceaccount:causely:other", "Reader", THIRD)
    one = statements("Reader", THIRD)
    case("one statement an issuer", len(one) == 2, one)
    keys = [key for statement in one for key in statement["Condition"]["StringEquals"] if key.endswith(":sub")]
    subjects = {key.split("/")[-1][0]: statement["Condition"]["StringEquals"][key] for key in keys for statement in one
                if key in statement["Condition"]["StringEquals"]}
    case("with the subjects of its cluster", subjects["A"] == [READER, BACKUP, LOCAL] and subjects["B"] == [READER, BACKUP], subjects)
    policy = AUTHORITY.client("iam", THIRD).get_role_policy(RoleName="Reader", PolicyName="AttacheCatalog")["PolicyDocument"]
    case("access by a type of the catalog", policy["Statement"][0]["Action"] == "s3:ListAllMyBuckets"
         or policy["Statement"][0]["Action"] == ["s3:ListAllMyBuckets"], policy)
    session = AUTHORITY.assume("Reader", CLUSTERS["us"].token(READER), THIRD)["Credentials"]
    refused("and no more", lambda: AUTHORITY.client("iam", credentials=session).list_users(), "AccessDenied")


def each_identity_is_verified():
    for cluster, subject in (("eu", READER), ("us", BACKUP), ("eu", LOCAL)):
        done, checks = verified(cluster, subject)
        bad = [one for one in checks if one["status"] in ("fail", "warn")]
        case(f"verify with the token of {subject} in {cluster}", done.returncode == 0 and not bad, bad)
        case("it says of whom", f"{subject.split(':', 2)[2].replace(':', '/')} in {cluster}" in done.stderr, done.stderr)
    done, checks = verified("us", LOCAL)
    case("a workload that does not run in the cluster", done.returncode == 1 and any(
        one["status"] == "fail" and one["link"] == "token" for one in checks), done.stdout)
    done = attache("verify", "--workload", "ops/bakcup")
    case("a misspelt workload", done.returncode == 2 and "ops/backup" in done.stderr, done.stderr)


def what_another_clusters_workloads_lack_is_told():
    iam = AUTHORITY.client("iam", TARGET)
    trust = iam.get_role(RoleName="Reader")["Role"]["AssumeRolePolicyDocument"]
    iam.update_assume_role_policy(RoleName="Reader", PolicyDocument=json.dumps(trust | {"Statement": trust["Statement"][:1]}))
    done, checks = verified("eu", READER)
    bad = [(one["name"], one["detail"]) for one in checks if one["status"] == "fail"]
    case("another cluster's statement is gone", done.returncode == 1 and any(name == "other workloads" and "in us" in detail for name, detail in bad), bad)
    done = attache("apply", "--yes", "--allow-widening")
    case("apply puts it back", done.returncode == 0, done.stderr)
    provider = next(one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] if "BBBB" in one["Arn"])
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    done, checks = verified("eu", READER)
    bad = [(one["link"], one["name"]) for one in checks if one["status"] == "fail"]
    case("another cluster's provider is gone", bad == [("provider", "registered")], bad)
    done = attache("apply", "--yes")
    case("apply puts it back too", done.returncode == 0, done.stderr)


def what_goes_from_the_file_goes():
    write()
    done = attache("apply", "--yes")
    case("apply without the third workload", done.returncode == 0, done.stderr)
    closed("it is let in no more", "eu", LOCAL, "Reader", THIRD)
    write(clusters=("eu",))
    done = attache("apply", "--yes")
    case("apply without the second cluster", done.returncode == 0, done.stderr)
    refused("its tokens are refused", lambda: AUTHORITY.assume("Reader", CLUSTERS["us"].token(READER)), "InvalidIdentityToken")
    case("the other's are not", opens("eu", READER, "Reader"))
    providers = AUTHORITY.client("iam", TARGET).list_open_id_connect_providers()["OpenIDConnectProviderList"]
    case("its provider is deleted", len(providers) == 1, providers)
    in_sync("it is in sync")
    write(clusters=("eu", "us"))
    done = attache("apply", "--yes")
    case("another cluster lets in more: it is asked about", done.returncode == 2 and "widen" in done.stderr, done.stderr)
    done = attache("destroy", "--yes")
    case("destroy", done.returncode == 0, done.stderr)
    for account in (SOURCE, TARGET, THIRD):
        iam = AUTHORITY.client("iam", account)
        left = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] + iam.list_roles()["Roles"]
        case(f"nothing is left in {account}", left == [], left)


def fifty_subjects_fit():
    """One statement for all subjects of an issuer: as statements of their own, four would fill a trust policy."""
    more = "".join(f"    - {{ namespace: team, serviceAccount: app-{number:02} }}\n" for number in range(24))
    write(more)
    done = attache("plan")
    case("52 subjects in two clusters are more than 2,048 characters", "this account's quota is 2048" in done.stdout and done.returncode == 1,
         done.stdout)
    write(more, clusters=("eu",))
    done = attache("apply", "--yes")
    case("26 in one cluster fit", done.returncode == 0, done.stderr)
    case("the last is let in", opens("eu", "system:serviceaccount:team:app-23", "Reader", THIRD))
    done = attache("destroy", "--yes")
    case("destroy", done.returncode == 0, done.stderr)


run([each_token_opens_what_the_file_says, each_identity_is_verified, what_another_clusters_workloads_lack_is_told,
     what_goes_from_the_file_goes, fifty_subjects_fit])
