#!/usr/bin/env python3
"""A cluster whose API server AWS cannot reach: `attache issuer publish` writes its keys, a web server serves them,
`attache issuer check` and the authority fetch them, and a token of the cluster is exchanged.

    issuer.py PATH_OF_ATTACHE

Uses the cluster of KUBECONFIG, or starts an API server of its own. Needs: pip install boto3 cryptography.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "lib"), str(Path(__file__).parents[1] / "peers" / "lib")]
from authority import SOURCE, STS, Authority, case, finish, refused  # noqa: E402
from cluster import cluster  # noqa: E402
from https_site import Site  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-issuer-")
FOLDER = Path(SCRATCH.name)
NAMESPACE, ACCOUNT = f"attache-{int(time.time())}", "mediator"
SUBJECT = f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}"
NO_KEY = ("Couldn't retrieve verification key from your identity provider,  please reference "
          "AssumeRoleWithWebIdentity documentation for requirements")


def attache(*arguments, text=None):
    done = subprocess.run([ATTACHE, *(str(one) for one in arguments)], input=text, text=True, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def publish(issuer, *arguments, text=None):
    code, out, problem = attache("issuer", "publish", "--issuer", issuer, "--out", FOLDER / "site", "--output", "json", *arguments, text=text)
    return code, json.loads(out) if out else None, problem


def ids():
    return [key["kid"] for key in json.loads((FOLDER / "site/jwks.json").read_text())["keys"]]


def check(site, issuer, *more):
    """The exit code, and status and answer of AWS by check; the worst where a check has several lines."""
    code, out, problem = attache("issuer", "check", issuer, "--issuer-address", f"{site.host_of(issuer)}=127.0.0.1:{site.port}",
                                 "--allow-private-issuers", "--output", "json", *more)
    if not out:
        raise RuntimeError(problem)
    order, found = ["ok", "unknown", "fail"], {}
    for line in json.loads(out)["checks"]:
        if line["check"] not in found or order.index(line["status"]) > order.index(found[line["check"]][0]):
            found[line["check"]] = (line["status"], line.get("aws", {}).get("message"), line["found"])
    return code, found


def published(server, issuer):
    code, told, problem = publish(issuer, "--keys", "-", text=server.keys())
    served = {key["kid"] for key in json.loads(server.keys())["keys"]}
    case("the server's keys are published", code == 0 and {key["key_id"] for key in told["keys"]} == served == set(ids()), (told, problem))
    document = json.loads((FOLDER / "site/.well-known/openid-configuration").read_text())
    case("the document is the issuer's", document["issuer"] == issuer and document["jwks_uri"] == f"{issuer}/jwks.json", document)
    told = json.loads(server.raw("/.well-known/openid-configuration"))
    same = [name for name in told if name not in ("jwks_uri", "id_token_signing_alg_values_supported") and document.get(name) != told[name]]
    algorithms = "id_token_signing_alg_values_supported"
    case("it has what the server's own document has", not same and sorted(document[algorithms]) == sorted(told[algorithms]), (document, told))
    if server.server_keys:
        code, told, problem = publish(issuer, "--keys", server.server_keys / "sa.pub", "--keys", server.server_keys / "earlier.key")
        case("its key files are the same keys", code == 0 and all(key["state"] == "published" for key in told["keys"]), (told, problem))


def checked(site, issuer):
    code, found = check(site, issuer, "--issuer-ca", site.authority)
    case("AWS accepts it", code == 0 and all(status == "ok" for status, *_ in found.values()), found)
    code, found = check(site, issuer)
    case("without its authority the certificate is unknown", code == 0 and found["certificate"][0] == "unknown" and site.thumbprint in found["certificate"][2], found)
    code, found = check(site, issuer, "--thumbprint", site.thumbprint.upper())
    case("a provider's thumbprint accepts it", code == 0 and found["certificate"][0] == "ok", found)
    pairs = ":".join(site.thumbprint[at:at + 2] for at in range(0, 40, 2))
    code, found = check(site, issuer, "--thumbprint", pairs)
    case("a thumbprint as openssl writes it", code == 0 and found["certificate"][0] == "ok", found)
    code, _, problem = attache("issuer", "check", issuer, "--thumbprint", "abc")
    case("what is no thumbprint", code == 2 and "40 hexadecimal digits" in problem, problem)
    code, found = check(site, issuer, "--thumbprint", "0" * 40)
    case("another thumbprint refuses it", code == 1 and found["certificate"][:2] == (
        "fail", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"), found)
    code, found = check(site, f"{issuer}/", "--issuer-ca", site.authority)
    case("an issuer with a slash more is another", code == 1 and found["issuer"][:2] == ("fail", NO_KEY), found)
    for name, change, where in [
            ("a redirect", {"status": 302}, "discovery"), ("no page", {"status": 404}, "discovery"),
            ("a permanent redirect", {"status": 308}, "discovery"), ("no content", {"status": 204}, "discovery"),
            ("another issuer's", {"body": json.dumps({"issuer": "https://other.example"}).encode()}, "issuer"),
            ("keys without TLS", {"body": json.dumps({"issuer": issuer, "jwks_uri": "http://a.example/"}).encode()}, "jwks-uri"),
            ("keys nowhere", {"body": json.dumps({"issuer": issuer, "jwks_uri": "keys.json"}).encode()}, "jwks-uri"),
            ("no keys", {"body": json.dumps({"issuer": issuer}).encode()}, "issuer"),
            ("more than a megabyte", {"body": b" " * 1_100_000}, "discovery"), ("no JSON", {"body": b"<html>"}, "issuer"),
            ("six seconds", {"wait": 6}, "discovery")]:
        with site.change("/.well-known/openid-configuration", **change):
            code, found = check(site, issuer, "--issuer-ca", site.authority)
        case(f"the document: {name}", code == 1 and found[where][:2] == ("fail", NO_KEY) and found["keys"][0] == "unknown", found)
    for name, body in [("no key", {"keys": []}), ("a key without an id", {"keys": [{"kty": "RSA"}]}), ("no list", {}),
                       ("nothing for signatures", {"keys": [{"kid": "a", "kty": "RSA", "use": "enc"}]})]:
        with site.change("/jwks.json", body=json.dumps(body).encode()):
            code, found = check(site, issuer, "--issuer-ca", site.authority)
        case(f"the key set: {name}", code == 1 and found["keys"][:2] == ("fail", NO_KEY), found)
    more = json.loads((FOLDER / "site/jwks.json").read_text())
    more["keys"].append({"kid": "enc", "kty": "oct", "use": "enc"})
    with site.change("/jwks.json", body=json.dumps(more).encode()):
        code, found = check(site, issuer, "--issuer-ca", site.authority)
    case("a key for encryption beside them is passed over", code == 0 and found["keys"][0] == "ok", found)
    for wrong in ("http://issuer.example", "https://issuer.example:8443", "https://issuer.example?a=b"):
        code, out, _ = attache("issuer", "check", wrong, "--output", "json")
        case(f"{wrong} is no issuer", code == 1 and json.loads(out)["checks"][0]["status"] == "fail", out)


def exchanged(server, site, issuer):
    """The authority fetches what was published, as AWS would."""
    authority = Authority(ATTACHE, arguments=[
        "--allow-private-issuers", "--issuer-ca", site.authority, "--issuer-address", f"{site.host_of(issuer)}=127.0.0.1:{site.port}"])
    iam = authority.client("iam", SOURCE)
    provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=[STS])["OpenIDConnectProviderArn"]
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{issuer.removeprefix('https://')}:sub": SUBJECT}}}]}
    iam.create_role(RoleName="Mediator", AssumeRolePolicyDocument=json.dumps(trust))
    token = server.token(NAMESPACE, ACCOUNT, STS)
    answer = authority.assume("Mediator", token, account=SOURCE)
    case("a token of the cluster is exchanged by published keys", answer["SubjectFromWebIdentityToken"] == SUBJECT, answer)
    _, foreign, _ = attache("token", "keygen", "--out", FOLDER / "foreign.key")
    _, token, _ = attache("token", "mint", "--issuer", issuer, "--key", FOLDER / "foreign.key", "--subject", SUBJECT)
    refused("a foreign key's is not", lambda: authority.assume("Mediator", token.strip(), account=SOURCE), "InvalidIdentityToken", NO_KEY)
    authority.stop()


def rotated(issuer):
    """The next key beside the last one; then the last one goes, by its name."""
    before, new = ids(), FOLDER / "new.key"
    attache("token", "keygen", "--out", new)
    code, _, problem = publish(issuer, "--keys", new)
    case("a key does not go unasked", code == 2 and before[0] in problem and ids() == before, problem)
    code, told, problem = publish(issuer, "--keys", new, "--keep")
    case("the new key comes beside the old ones", code == 0 and ids()[1:] == before, (told, problem))
    spoiled = json.loads((FOLDER / "site/jwks.json").read_text())
    (FOLDER / "site/jwks.json").write_text(json.dumps({"keys": [*spoiled["keys"], {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "small"}]}))
    code, told, problem = publish(issuer, "--keep")
    case("a published key that AWS does not use goes with a warning", code == 0 and "small" in problem and
         [one["key_id"] for one in told["left_out"]] == ["small"], (told, problem))
    code, told, problem = publish(issuer, "--keep", "--remove", before[0])
    case("one is removed by its id", code == 0 and told["removed"] == [before[0]] and before[0] not in ids() and len(ids()) == len(before), (told, problem))
    code, _, problem = publish(issuer, "--keep", "--remove", "other")
    case("an unknown id is told", code == 2 and ids()[0] in problem, problem)
    code, _, problem = publish("https://other.example", "--keys", new, "--keep")
    case("another issuer's folder is left alone", code == 2 and "other.example" in problem, problem)


def main():
    with cluster() as server:
        begun, issuer = time.monotonic(), server.issuer()
        server.kubectl("create", "namespace", NAMESPACE)
        try:
            server.kubectl("create", "serviceaccount", ACCOUNT, "-n", NAMESPACE)
            published(server, issuer)
            with Site(FOLDER, FOLDER / "site", issuer) as site:
                checked(site, issuer)
                exchanged(server, site, issuer)
            rotated(issuer)
        finally:
            server.run("delete", "namespace", NAMESPACE, "--wait=false")
    print(f"the tests took {time.monotonic() - begun:.1f} s")
    finish()


main()
