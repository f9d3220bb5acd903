#!/usr/bin/env python3
"""Issuers without --issuer: the authority fetches their keys, as STS does. The issuer is Python's HTTPS server,
its certificates are made with the `cryptography` package.

    authority_discovery.py PATH_OF_ATTACHE

Needs: pip install boto3 cryptography awscli.
"""

import datetime
import hashlib
import http.server
import ipaddress
import json
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, STS, SUBJECT, TARGET, Authority, Issuer, case, events, finish, refused

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-discovery-")
FOLDER = Path(SCRATCH.name)
URL = "https://localhost/cluster"
NO_KEY = ("Couldn't retrieve verification key from your identity provider,  please reference "
          "AssumeRoleWithWebIdentity documentation for requirements")


def certificate(name, issuer=None, authority=False):
    """A certificate and its key; self-signed if there is no issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[0].subject if issuer else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=2))
               .add_extension(x509.BasicConstraints(authority, None), critical=True))
    if not authority:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def pem(*certificates):
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


CA = certificate("the issuer's authority", authority=True)
LEAF = certificate("localhost", CA)
(FOLDER / "ca.pem").write_bytes(pem(CA[0]))
(FOLDER / "chain.pem").write_bytes(pem(LEAF[0], CA[0]) + LEAF[1].private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
THUMBPRINT = hashlib.sha1(CA[0].public_bytes(serialization.Encoding.DER)).hexdigest()


class Site(http.server.ThreadingHTTPServer):
    """The issuer's responses (status, headers and body by path), and the requests that it received."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(FOLDER / "chain.pem")
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.pages, self.asked, self.wait = {}, [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """Ignored: clients are expected to close connections early."""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        time.sleep(self.server.wait)
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ISSUER = Issuer(ATTACHE, SCRATCH.name, URL)
SITE = Site()
DOCUMENT = "/cluster/.well-known/openid-configuration"
# An issuer URL has no port; the URL of its key set may have one.
AT = ("--issuer-address", f"localhost=127.0.0.1:{SITE.server_port}")
KEYS = f"https://127.0.0.1:{SITE.server_port}/keys"
PRIVATE = "--allow-private-issuers"


def publish(issuer=URL, keys=KEYS):
    SITE.pages = {DOCUMENT: (200, {}, json.dumps({"issuer": issuer, "jwks_uri": keys}).encode()),
                  "/keys": (200, {}, ISSUER.jwks.read_bytes())}


def authority(*arguments, thumbprint="a" * 40):
    """An authority with a provider for the issuer, and a role."""
    own = Authority(ATTACHE, arguments=[*AT, *arguments])
    iam = own.client("iam", TARGET)
    provider = iam.create_open_id_connect_provider(Url=URL, ClientIDList=[STS], ThumbprintList=[thumbprint])
    iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"localhost/cluster:sub": SUBJECT}}}]}))
    return own


def why(own):
    own.stop()
    told = [event for event in events(own) if event["action"] == "sts:AssumeRoleWithWebIdentity"]
    return told[-1]["reason"]


def believed():
    publish()
    own = authority(PRIVATE, "--issuer-ca", FOLDER / "ca.pem")
    got = own.assume("Reader", ISSUER.token())
    case("the issuer's keys are fetched and the token is accepted", got["SubjectFromWebIdentityToken"] == SUBJECT, got)
    own.assume("Reader", ISSUER.token())
    case("the keys are fetched once for many tokens", SITE.asked == [DOCUMENT, "/keys"], SITE.asked)
    old = ISSUER.token()
    ISSUER.rotate()
    publish()
    time.sleep(2.1)
    own.assume("Reader", ISSUER.token())
    case("an unknown key ID triggers another fetch", SITE.asked == [DOCUMENT, "/keys"] * 2, SITE.asked)
    refused("the removed key is not accepted", lambda: own.assume("Reader", old), "InvalidIdentityToken", NO_KEY)
    case("bad tokens do not trigger repeated fetches", len(SITE.asked) == 4, SITE.asked)
    SITE.pages = {}
    time.sleep(2.1)
    own.assume("Reader", ISSUER.token())
    case("the cached keys of an unavailable issuer are used", True)
    refused("the token of an unregistered issuer is refused", lambda: own.assume("Reader", Issuer(
        ATTACHE, tempfile.mkdtemp(dir=FOLDER), "https://localhost/other").token()), "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for https://localhost/other")
    case("an unregistered issuer is not contacted", not [path for path in SITE.asked if "other" in path], SITE.asked)
    SITE.asked.clear()
    threads = []
    publish()
    again = authority(PRIVATE, "--issuer-ca", FOLDER / "ca.pem")
    SITE.wait = 0.2
    for _ in range(8):
        threads.append(threading.Thread(target=again.assume, args=("Reader", ISSUER.token())))
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    SITE.wait = 0
    case("eight concurrent calls share one fetch", SITE.asked == [DOCUMENT, "/keys"], SITE.asked)


def thumbprints():
    publish()
    own = authority(PRIVATE, thumbprint=THUMBPRINT)
    case("no trusted certificate authority, but the thumbprint of the last certificate",
         own.assume("Reader", ISSUER.token())["Audience"] == STS)
    own = authority(PRIVATE, thumbprint="b" * 40)
    refused("neither a certificate authority nor a thumbprint", lambda: own.assume("Reader", ISSUER.token()), "InvalidIdentityToken",
            "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
    provider = f"arn:aws:iam::{TARGET}:oidc-provider/localhost/cluster"
    own.client("iam", TARGET).update_open_id_connect_provider_thumbprint(
        OpenIDConnectProviderArn=provider, ThumbprintList=["c" * 40, THUMBPRINT])
    case("accepted once the provider has the thumbprint", own.assume("Reader", ISSUER.token())["Provider"] == provider)


def command_line():
    """The credential chain of the `aws` command line, with a token file as in a pod."""
    publish()
    own = authority(PRIVATE, "--issuer-ca", FOLDER / "ca.pem")
    (FOLDER / "token").write_text(ISSUER.token())
    chain = {"AWS_ROLE_ARN": f"arn:aws:iam::{TARGET}:role/Reader", "AWS_WEB_IDENTITY_TOKEN_FILE": str(FOLDER / "token"),
             "AWS_ROLE_SESSION_NAME": "pod", "AWS_ENDPOINT_URL": own.url, "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    done = subprocess.run([Path(sys.executable).parent / "aws", "--output", "json", "sts", "get-caller-identity"],
                          env=own.environment(**chain), capture_output=True, text=True)
    told = json.loads(done.stdout or "{}")
    case("the command line gets credentials with fetched keys",
         told.get("Arn") == f"arn:aws:sts::{TARGET}:assumed-role/Reader/pod", done.stderr)


def pods():
    """EKS Auth fetches the keys of a cluster's issuer too."""
    publish()
    own = authority(PRIVATE, "--issuer-ca", FOLDER / "ca.pem", "--cluster", f"{SOURCE}/us-east-1/prod={URL}")
    arn = own.client("iam", SOURCE).create_role(RoleName="Pod", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"]}]}))["Role"]["Arn"]
    own.client("eks", SOURCE).create_pod_identity_association(
        clusterName="prod", namespace="causely", serviceAccount="mediator", roleArn=arn)
    bound = {"namespace": "causely", "serviceaccount": {"name": "mediator", "uid": "s-1"}, "pod": {"name": "m-0", "uid": "p-1"}}
    token = ISSUER.token("system:serviceaccount:causely:mediator", "pods.eks.amazonaws.com", f"kubernetes.io={json.dumps(bound)}")

    def ask():
        return own.client("eks-auth", SOURCE).assume_role_for_pod_identity(clusterName="prod", token=token)
    SITE.pages = {}
    refused("a cluster's issuer is unavailable: the token is not judged", ask, "ServiceUnavailableException",
            "The keys of the cluster's issuer could not be read.")
    publish()
    SITE.asked.clear()
    refused("a second call within two seconds", ask, "ServiceUnavailableException",
            "The keys of the cluster's issuer could not be read.")
    case("does not contact the issuer again", not SITE.asked, SITE.asked)
    time.sleep(2.1)
    case("after the pause the pod gets its role", ask()["assumedRoleUser"]["arn"].startswith(f"arn:aws:sts::{SOURCE}:assumed-role/Pod/eks-prod-"))


def turned_away():
    def one(name, reason, *more):
        own = authority("--issuer-ca", FOLDER / "ca.pem", *more)
        begun = time.monotonic()
        refused(name, lambda: own.assume("Reader", ISSUER.token()), "InvalidIdentityToken", NO_KEY)
        took, said = time.monotonic() - begun, why(own)
        case(f"{name}: the journal has the reason", reason in said and took < 7, (took, said))

    publish()
    SITE.asked.clear()
    one("a private address without the flag", "127.0.0.1 is a private address")
    global AT
    there, AT = AT, ()
    one("a host name with a private address", "1 is a private address")
    AT = there
    case("the private address was not connected to", not SITE.asked, SITE.asked)
    publish(issuer="https://localhost/else")
    one("another issuer's document", "it is of the issuer https://localhost/else, not", PRIVATE)
    publish(keys=KEYS.replace("https", "http"))
    one("keys without TLS", "it is no https URL", PRIVATE)
    SITE.pages = {DOCUMENT: (302, {"Location": "https://example.com/"}, b"")}
    one("a redirect", "it answers 302 Found; redirects are not followed", PRIVATE)
    publish()
    SITE.pages["/keys"] = (200, {}, b" " * (1024 * 1024 + 1))
    one("too many bytes", "more than 1048576 bytes", PRIVATE)
    publish()
    SITE.pages["/keys"] = (200, {}, b"<html>")
    one("no key set", "could not read the key set", PRIVATE)
    SITE.pages = {}
    one("no document", "it answers 404 Not Found", PRIVATE)
    publish()
    SITE.wait = 6
    one("a slow issuer", "took longer than 5s", PRIVATE)
    SITE.wait = 0
    SITE.shutdown()
    SITE.server_close()
    own = authority("--issuer-ca", FOLDER / "ca.pem", PRIVATE)
    refused("an issuer that does not respond", lambda: own.assume("Reader", ISSUER.token()), "IDPCommunicationError",
            "The identity provider could not be reached.")
    said = why(own)
    case("an issuer that does not respond: the journal has the reason", f"could not connect to 127.0.0.1:{SITE.server_port}" in said, said)


believed()
thumbprints()
command_line()
pods()
turned_away()
finish()
