#!/usr/bin/env python3
"""Tokens that a real API server signed: verified by `attache token`, exchanged at `attache authority` by boto3.

    tokens.py PATH_OF_ATTACHE

Uses the cluster of KUBECONFIG, or starts an API server of its own. Needs: pip install boto3.
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

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-tokens-")
FOLDER = Path(SCRATCH.name)
NAMESPACE, ACCOUNT = f"attache-{int(time.time())}", "mediator"
SUBJECT = f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}"


def attache(*arguments, text=None):
    done = subprocess.run([ATTACHE, *(str(one) for one in arguments)], input=text, text=True, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def verify(token, jwks, *more):
    """None, or the reason of the refusal."""
    _, out, problem = attache("token", "verify", "-", "--jwks", jwks, "--output", "json", *more, text=token)
    if not out:
        raise RuntimeError(problem)
    told = json.loads(out)
    return None if told["verified"] else told["refused"]["reason"]


def keys_of(text):
    return {key["kid"]: key for key in json.loads(text)["keys"]}


def verified(server, jwks, issuer):
    token = server.token(NAMESPACE, ACCOUNT, STS, "--duration", "1h")
    case("a token of TokenRequest verifies", verify(token, jwks, "--issuer", issuer) is None)
    case("another issuer", verify(token, jwks, "--issuer", "https://other.example") == "issuer")
    case("another audience", verify(server.token(NAMESPACE, ACCOUNT, "vault"), jwks) == "audience")
    two = server.token(NAMESPACE, ACCOUNT, STS, "--audience", "vault")
    case("two audiences", verify(two, jwks) == "several-audiences")
    head, payload, signature = token.split(".")
    case("another signature", verify(f"{head}.{payload}.{signature[::-1]}", jwks) == "signature")
    _, shown, _ = attache("token", "show", "-", "--output", "json", text=token)
    claims = json.loads(shown)["claims"]
    case("its claims", (claims["sub"], claims["aud"], claims["kubernetes.io"]["namespace"]) == (SUBJECT, [STS], NAMESPACE), claims)
    return token, json.loads(shown)["header"]["kid"]


def named_as_the_server_names(server, jwks, kid):
    """Key IDs: of the private and the public key files, of the server's key set, and of its tokens."""
    served = keys_of(jwks.read_text())
    case("the token's key is in the server's set", kid in served, (kid, list(served)))
    if not server.server_keys:
        return
    for file in ("sa.key", "sa.pub"):
        _, out, problem = attache("token", "jwks", "--key", server.server_keys / file)
        case(f"{file} has the server's key ID and members", out and keys_of(out) == {kid: served[kid]}, problem or (out, served[kid]))
    for file in ("earlier.key", "earlier.pub"):
        _, out, problem = attache("token", "jwks", "--key", server.server_keys / file)
        ours = keys_of(out) if out else {}
        case(f"{file}, an EC key, likewise", len(ours) == 1 and all(served.get(one) == key for one, key in ours.items()), problem or (ours, served))


def minted_for_the_server(server, issuer):
    """The other way round: the API server accepts a token that `attache token mint` signed with its key."""
    if not server.server_keys:
        return
    uid = json.loads(server.kubectl("get", "serviceaccount", ACCOUNT, "-n", NAMESPACE, "-o", "json"))["metadata"]["uid"]
    bound = json.dumps({"namespace": NAMESPACE, "serviceaccount": {"name": ACCOUNT, "uid": uid}})
    for file, good in (("sa.key", True), ("earlier.key", True), (None, False)):
        key = server.server_keys / file if file else FOLDER / "foreign.key"
        if not file:
            attache("token", "keygen", "--out", key)
        _, token, problem = attache("token", "mint", "--issuer", issuer, "--key", key, "--subject", SUBJECT,
                                    "--audience", STS, "--claim", f"kubernetes.io={bound}")
        review = server.create({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
                                "spec": {"token": token.strip(), "audiences": [STS]}})["status"]
        name = review.get("user", {}).get("username")
        case(f"the API server {'accepts' if good else 'refuses'} a token signed with {file or 'a foreign key'}",
             (review.get("authenticated", False), name) == (good, SUBJECT if good else None), (problem, review))


def exchanged(server, jwks, issuer, token):
    authority = Authority(ATTACHE, arguments=["--issuer", f"{issuer}={jwks}"])
    iam, host = authority.client("iam", SOURCE), issuer.removeprefix("https://")
    provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=[STS])["OpenIDConnectProviderArn"]
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{host}:sub": SUBJECT, f"{host}:aud": STS}}}]}
    iam.create_role(RoleName="Mediator", AssumeRolePolicyDocument=json.dumps(trust))

    def assume(token):
        return authority.assume("Mediator", token, account=SOURCE)
    answer = assume(token)
    case("the authority gives a session for it", (answer["SubjectFromWebIdentityToken"], answer["Audience"], answer["Provider"]) == (SUBJECT, STS, provider), answer)
    session = authority.client("sts", credentials=answer["Credentials"]).get_caller_identity()
    case("the session is the role's", session["Arn"] == f"arn:aws:sts::{SOURCE}:assumed-role/Mediator/peer", session)
    refused("another service account is denied", lambda: assume(server.token(NAMESPACE, "other", STS)), "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    refused("a token for another audience is refused", lambda: assume(server.token(NAMESPACE, ACCOUNT, "vault")), "InvalidIdentityToken",
            "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.")
    pod = server.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "mediator-0", "namespace": NAMESPACE},
                         "spec": {"serviceAccountName": ACCOUNT, "containers": [{"name": "app", "image": "app"}]}})
    bound = server.token(NAMESPACE, ACCOUNT, STS, "--bound-object-kind", "Pod", "--bound-object-name", "mediator-0",
                         "--bound-object-uid", pod["metadata"]["uid"])
    case("the token of a pod is exchanged too", "Credentials" in assume(bound))
    case("the authority stops", authority.stop() == 0)


def main():
    begun = time.monotonic()
    with cluster() as server:
        print(f"Kubernetes {'.'.join(str(part) for part in server.version())}", flush=True)
        begun, jwks, issuer = time.monotonic(), FOLDER / "jwks.json", server.issuer()
        jwks.write_text(server.keys())
        server.kubectl("create", "namespace", NAMESPACE)
        try:
            # A server without a controller manager has no configuration map of its certificates, and does without.
            for account in (ACCOUNT, "other"):
                server.kubectl("create", "serviceaccount", account, "-n", NAMESPACE)
            token, kid = verified(server, jwks, issuer)
            named_as_the_server_names(server, jwks, kid)
            minted_for_the_server(server, issuer)
            exchanged(server, jwks, issuer, token)
        finally:
            server.run("delete", "namespace", NAMESPACE, "--wait=false")
    print(f"the tests took {time.monotonic() - begun:.1f} s")
    finish()


main()
