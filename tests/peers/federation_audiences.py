"""A federation of the mode direct with two audiences: a token for either is accepted, and for no other. With
`attache authority`, seen with boto3.

Usage: federation_audiences.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lib.authority import STS, TARGET, Authority, Issuer, case, federation, refused, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-audiences-"))
URL = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
PODS = "pods.eks.amazonaws.com"
PROVIDER = f"arn:aws:iam::{TARGET}:oidc-provider/{URL.removeprefix('https://')}"
ISSUER = Issuer(ATTACHE, FOLDER, URL)
AUTHORITY = Authority(ATTACHE, arguments=["--issuer", f"{URL}={ISSUER.jwks}"])
ENVIRONMENT = AUTHORITY.environment(AWS_ENDPOINT_URL=AUTHORITY.url)
IAM = AUTHORITY.client("iam", TARGET)


def attache(verb, *words):
    return subprocess.run([ATTACHE, verb, "-f", "federation.yaml", *words], capture_output=True, text=True, timeout=300, cwd=FOLDER,
                          stdin=subprocess.DEVNULL, env=ENVIRONMENT)


def write(audience):
    target = f'{{ account: "{TARGET}", role: CauselyAccess, region: us-east-1, policies: [ReadOnlyAccess] }}'
    text = federation(URL, target).replace("  workload:", f"  audience: {audience}\n  workload:")
    (FOLDER / "federation.yaml").write_text(text)


def client_ids():
    return sorted(IAM.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)["ClientIDList"])


def in_sync(name):
    done = attache("plan", "--check")
    case(name, done.returncode == 0 and "No changes." in done.stdout, done.stdout + done.stderr)


def two_audiences():
    write(f"[{STS}, {PODS}]")
    done = attache("apply", "--yes")
    case("apply", done.returncode == 0, done.stderr)
    in_sync("the second plan is empty")
    case("the provider has both client IDs", client_ids() == sorted([STS, PODS]), client_ids())
    for audience in (STS, PODS):
        answer = AUTHORITY.assume("CauselyAccess", ISSUER.token(audience=audience))
        case(f"a token for {audience} is accepted", answer["Audience"] == audience, answer)
        (FOLDER / "token").write_text(ISSUER.token(audience=audience))
        done = attache("verify", "--token", "token", "--output", "json")
        bad = [one for one in json.loads(done.stdout)["checks"] if one["status"] in ("fail", "warn")]
        case(f"verify holds with it: {audience}", done.returncode == 0 and not bad, bad)
    refused("a token for another is not", lambda: AUTHORITY.assume("CauselyAccess", ISSUER.token(audience="vault")), "InvalidIdentityToken")


def one_of_them_goes():
    """The trust policy is the file's; a client ID stays, for others may need it: that is told by verify."""
    write(f"[{STS}]")
    done = attache("apply", "--yes")
    case("apply", done.returncode == 0, done.stderr)
    in_sync("it is in sync")
    refused("a token for the audience that went", lambda: AUTHORITY.assume("CauselyAccess", ISSUER.token(audience=PODS)), "AccessDenied")
    case("a token for the one that stayed", "Credentials" in AUTHORITY.assume("CauselyAccess", ISSUER.token()))
    write(f"[{STS}, {PODS}]")
    done = attache("apply", "--yes")
    case("another audience lets in more: it is asked about", done.returncode == 2 and "widen" in done.stderr, (done.returncode, done.stderr))


def a_provider_that_was_there():
    """Both client IDs that were added go with destroy, and the one that was there stays."""
    done = attache("destroy", "--yes")
    case("destroy", done.returncode == 0, done.stderr)
    IAM.create_open_id_connect_provider(Url=URL, ClientIDList=["vault"])
    write(f"[{STS}, {PODS}]")
    done = attache("apply", "--yes", "--allow-widening")
    case("apply", done.returncode == 0, done.stderr)
    case("the provider has three client IDs", client_ids() == sorted(["vault", STS, PODS]), client_ids())
    done = attache("destroy", "--yes")
    case("destroy", done.returncode == 0, done.stderr)
    case("the provider has its own alone", client_ids() == ["vault"], client_ids())
    tags = IAM.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=PROVIDER)["Tags"]
    case("and no tags", tags == [], tags)


run([two_audiences, one_of_them_goes, a_provider_that_was_there])
