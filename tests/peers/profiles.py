#!/usr/bin/env python3
"""Every kind of profile of the shared AWS files: attache acts as the same principal as boto3, or prints what to do.
This script simulates IAM Identity Center, the console's sign-in, a container and an instance on loopback; their
credentials are sessions of a real authority.

    profiles.py PATH_OF_ATTACHE

Needs: pip install boto3 awscrt cryptography.
"""

import base64
import functools
import hashlib
import http.server
import json
import os
import shlex
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, TARGET, Authority, Issuer, case, finish

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
WORK = tempfile.TemporaryDirectory(prefix="attache-profiles-")
HOME = Path(WORK.name) / "home"
CONFIG, CREDENTIALS = HOME / ".aws/config", HOME / ".aws/credentials"
ISSUER = Issuer(ATTACHE, WORK.name)
AUTHORITY = Authority(ATTACHE, arguments=["--issuer", f"{ISSUER.url}={ISSUER.jwks}"])
NOBODY = "999999999999"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def soon(minutes=60):
    return datetime.now(timezone.utc) + timedelta(minutes=minutes)


class Peer(http.server.BaseHTTPRequestHandler):
    """IAM Identity Center, the console's sign-in, and the metadata of a container and an instance."""

    calls = []
    role_credentials = None  # status and body of GetRoleCredentials
    sign_in = None
    proofs = []

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", **headers):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        self.answer(200, "imds-token", "text/plain", x_aws_ec2_metadata_token_ttl_seconds="21600")

    def do_GET(self):
        url = urlsplit(self.path)
        self.calls.append((url.path, dict(self.headers), parse_qs(url.query)))
        if url.path == "/federation/credentials":
            status, body = type(self).role_credentials
            kind = {} if status == 200 else {"x_amzn_ErrorType": json.loads(body)["__type"]}
            self.answer(status, body, **kind)
        elif url.path == "/container":
            ok = self.headers.get("Authorization") == "container-token"
            self.answer(200 if ok else 403, container() if ok else "{}")
        elif url.path.rstrip("/").endswith(("security-credentials", "security-credentials-extended")):
            self.answer(200, "InstanceRole", "text/plain")
        elif url.path.endswith("/InstanceRole"):
            self.answer(200, instance())
        else:
            self.answer(404, "", "text/plain")

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/token":
            self.calls.append(("/token", dict(self.headers), body))
            time.sleep(0.3)
            self.answer(200, json.dumps({"accessToken": "renewed-access-token", "expiresIn": 3600, "tokenType": "Bearer",
                                         "refreshToken": "another-refresh-token"}))
            return
        self.proofs.append((self.headers.get("DPoP"), body))
        status, answer = type(self).sign_in
        kind = {} if status == 200 else {"x_amzn_ErrorType": json.loads(answer).get("__type", "AccessDeniedException")}
        self.answer(status, answer, **kind)


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
PEER = f"http://127.0.0.1:{SERVER.server_port}"


def session(name, role="Wide", account=SOURCE):
    """A session of the authority, in the format of another service."""
    sts = AUTHORITY.client("sts", account)
    got = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName=name)
    return got["Credentials"]


def container():
    own = session("from-container")
    return json.dumps({"AccessKeyId": own["AccessKeyId"], "SecretAccessKey": own["SecretAccessKey"],
                       "Token": own["SessionToken"], "Expiration": soon().strftime("%Y-%m-%dT%H:%M:%SZ")})


@functools.cache
def instance():
    return json.dumps({**json.loads(container()), "Code": "Success", "Type": "AWS-HMAC",
                       "LastUpdated": soon(-1).strftime("%Y-%m-%dT%H:%M:%SZ")})


def sso_answer():
    own = session("from-sso")
    return 200, json.dumps({"roleCredentials": {
        "accessKeyId": own["AccessKeyId"], "secretAccessKey": own["SecretAccessKey"],
        "sessionToken": own["SessionToken"], "expiration": int(soon().timestamp() * 1000)}})


def sso_error(kind, message):
    return {"UnauthorizedException": 401, "ForbiddenException": 403}[kind], json.dumps(
        {"__type": kind, "message": message})


def cached_token(name, expires, **more):
    folder = HOME / ".aws/sso/cache"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (hashlib.sha1(name.encode()).hexdigest() + ".json")
    path.write_text(json.dumps({"startUrl": "https://x.awsapps.com/start", "region": "us-east-1",
                                "accessToken": "sso-access-token-0123456789",
                                "expiresAt": expires.strftime("%Y-%m-%dT%H:%M:%SZ"), **more}))
    return path


def write(config="", credentials=""):
    CONFIG.parent.mkdir(parents=True, exist_ok=True)
    CONFIG.write_text(config)
    CREDENTIALS.write_text(credentials)


def environment(**more):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and not k.upper().endswith("_PROXY")}
    given = {**clean, "HOME": str(HOME), "AWS_ENDPOINT_URL_STS": AUTHORITY.url, "AWS_ENDPOINT_URL_IAM": AUTHORITY.url,
            "AWS_ENDPOINT_URL_SSO": PEER, "AWS_ENDPOINT_URL_SIGNIN": PEER, "AWS_EC2_METADATA_DISABLED": "true", **more}
    return {name: value for name, value in given.items() if value is not None}


def attache(profile, **more):
    """The principal of attache with this profile, or its whole error: for another account than the profile's, the
    error names the principal."""
    done = subprocess.run([ATTACHE, "reach", "--live", "--account", NOBODY, "--profile", f"{NOBODY}={profile}"],
                          env=environment(**more), capture_output=True, text=True, timeout=120)
    said = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    if "are those of " in said:
        return said.split("are those of ")[1].split(", which")[0], done.returncode
    return said, done.returncode


WHO = """
import sys, botocore.session
print(botocore.session.Session(profile=sys.argv[1]).create_client("sts", region_name="us-east-1").get_caller_identity()["Arn"])
"""


def boto(profile, **more):
    done = subprocess.run([sys.executable, "-c", WHO, profile], env=environment(**more), capture_output=True, text=True,
                          timeout=120)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def same(name, profile, wanted, **more):
    theirs, (ours, _) = boto(profile, **more), attache(profile, **more)
    case(name, ours == theirs == wanted, f"attache: {ours}; boto3: {theirs}; expected: {wanted}")


def says(name, profile, *parts, code=2, **more):
    said, got = attache(profile, **more)
    # The terminal output breaks long words.
    dense = "".join(said.split())
    missing = [part for part in parts if "".join(part.split()) not in dense]
    case(name, not missing and got == code, f"exit code {got}, missing {missing} in: {said}")
    for shape in [SECRET, "sso-access-token", "Request {", "SdkError", "CredentialsError", "Unhandled", "DispatchFailure("]:
        if shape in said:
            case(f"{name}: shows {shape}", False, said)


def roles():
    iam = AUTHORITY.client("iam", SOURCE)
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

    def make(client, name, principal, action="sts:AssumeRole", **condition):
        statement = {"Effect": "Allow", "Principal": principal, "Action": action, **condition}
        client.create_role(RoleName=name, MaxSessionDuration=7200, AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [statement]}))
        client.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(allow))

    make(iam, "Wide", {"AWS": f"arn:aws:iam::{SOURCE}:root"})
    make(iam, "Middle", {"AWS": f"arn:aws:iam::{SOURCE}:root"})
    other = AUTHORITY.client("iam", TARGET)
    make(other, "Last", {"AWS": f"arn:aws:iam::{SOURCE}:root"}, Condition={"StringEquals": {"sts:ExternalId": "e42"}})
    other.create_open_id_connect_provider(Url=ISSUER.url, ClientIDList=["sts.amazonaws.com"])
    host = ISSUER.url.removeprefix("https://")
    make(other, "Web", {"Federated": f"arn:aws:iam::{TARGET}:oidc-provider/{host}"}, "sts:AssumeRoleWithWebIdentity",
         Condition={"StringEquals": {f"{host}:aud": "sts.amazonaws.com"}})


def keys_of(account=SOURCE):
    return "aws_access_key_id = {}\naws_secret_access_key = {}\n".format(*AUTHORITY.keys(account))


ADMIN = f"arn:aws:iam::{SOURCE}:user/administrator"
LAST = f"arn:aws:sts::{TARGET}:assumed-role/Last/me"


def last(source):
    return (f"[profile last]\nrole_arn = arn:aws:iam::{TARGET}:role/Last\nexternal_id = e42\nrole_session_name = me\n"
            f"{source}\n")


def static_keys():
    write(credentials=f"[keys]\n{keys_of()}")
    same("static keys in the credentials file", "keys", ADMIN)
    write(config=f"[profile keys]\n{keys_of()}")
    same("static keys in the config file", "keys", ADMIN)
    write(config=f'[profile "two words"]\n{keys_of()}')
    same("a profile with a space in its name", "two words", ADMIN)
    own = session("kept")
    write(credentials=f"[s]\naws_access_key_id={own['AccessKeyId']}\naws_secret_access_key={own['SecretAccessKey']}\n"
          f"aws_session_token={own['SessionToken']}\n")
    same("static keys of a session", "s", f"arn:aws:sts::{SOURCE}:assumed-role/Wide/kept")
    write(config=f"[profile both]\ncredential_process = false\n", credentials=f"[both]\n{keys_of()}")
    same("keys of the credentials file before a process", "both", ADMIN)


def source_profiles():
    write(config=last("source_profile = keys"), credentials=f"[keys]\n{keys_of()}")
    same("a source_profile, external_id and role_session_name, without a region", "last", LAST)
    middle = f"role_arn = arn:aws:iam::{SOURCE}:role/Middle\nrole_session_name = mid\n"
    deep = "".join(f"[profile m{i}]\n{middle}source_profile = m{i + 1}\n" for i in range(4))
    write(config=last("source_profile = m0\nregion = eu-west-1") + deep, credentials=f"[m4]\n{keys_of()}")
    same("a chain of six", "last", LAST)
    write(config=last(f"source_profile = last\n{keys_of()}"))
    same("a profile that is its own source", "last", LAST)
    write(config=last("source_profile = both") + f"[profile both]\n{middle}source_profile = none\n{keys_of()}")
    same("a source's keys come before its role", "last", LAST)
    write(config=last("source_profile = p") + f"[profile p]\ncredential_process = {process(session('by-process'))}\n")
    same("a source_profile that is a process", "last", LAST)
    write(config=last("duration_seconds = 1234\nsource_profile = keys"), credentials=f"[keys]\n{keys_of()}")
    same("duration_seconds", "last", LAST)
    lasted = [str(e["requestParameters"].get("durationSeconds")) for e in events("AssumeRole")][:2]
    case("duration_seconds reaches STS from both", lasted == ["1234", "1234"], lasted)


def events(name):
    got = AUTHORITY.client("cloudtrail", TARGET).lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])["Events"]
    return [json.loads(e["CloudTrailEvent"]) for e in got]


def process(own):
    printed = json.dumps({"Version": 1, "AccessKeyId": own["AccessKeyId"], "SecretAccessKey": own["SecretAccessKey"],
                          "SessionToken": own["SessionToken"], "Expiration": soon().isoformat()})
    script = HOME / "process.py"
    script.write_text(f"import sys\nprint({printed!r})\nprint('a warning', file=sys.stderr)\n")
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}"


def processes():
    write(config=f"[profile p]\ncredential_process = {process(session('by-process'))}\n")
    same("credential_process", "p", f"arn:aws:sts::{SOURCE}:assumed-role/Wide/by-process")
    script = HOME / "fails.sh"
    script.write_text(f"echo '{{\"SecretAccessKey\": \"{SECRET}\"}}'; echo no ticket, {SECRET} >&2; exit 7\n")
    write(config=f"\n[profile p]\ncredential_process = sh {script}\n")
    says("a credential_process that fails", "p", "the profile p", f"{CONFIG}:2", "exit code 7", "no ticket", "[hidden]")
    write(config="[profile p]\ncredential_process = sh -c 'echo hunter2-hunter2'\n")
    says("a credential_process that prints something else", "p", "not a JSON object")
    case("the output of the process is not shown", "hunter2" not in attache("p")[0])


def web_identity():
    token = HOME / "token"
    token.write_text(ISSUER.token() + "\n")
    profile = f"[profile w]\nrole_arn = arn:aws:iam::{TARGET}:role/Web\nrole_session_name = web\nweb_identity_token_file = {token}\n"
    write(config=profile)
    arn = f"arn:aws:sts::{TARGET}:assumed-role/Web/web"
    same("role_arn and web_identity_token_file", "w", arn)
    write(config=profile.replace("[profile w]", "[profile x]") + f"[profile w]\nsource_profile = x\nrole_session_name = web\n"
          f"role_arn = arn:aws:iam::{TARGET}:role/Again\n")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{TARGET}:role/Web"},
                                                    "Action": "sts:AssumeRole"}]}
    AUTHORITY.client("iam", TARGET).create_role(RoleName="Again", AssumeRolePolicyDocument=json.dumps(trust))
    same("a source_profile that is a web identity", "w", f"arn:aws:sts::{TARGET}:assumed-role/Again/web")
    write(config=profile.replace(str(token), str(HOME / "none")))
    says("a missing token file", "w", "web_identity_token_file", str(HOME / "none"))
    token.write_text(ISSUER.token(audience="other"))
    write(config=profile)
    said, code = attache("w")
    case("a token that STS refuses", "InvalidIdentityToken" in said and code == 3 and token.read_text() not in said, (said, code))


def credential_sources():
    config = last("credential_source = {}")
    write(config=config.format("Environment"))
    key, secret = AUTHORITY.keys(SOURCE)
    same("credential_source Environment", "last", LAST, AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret)
    says("credential_source Environment without keys", "last", "Environment", f"{CONFIG}:1")
    write(config=config.format("EcsContainer"))
    metadata = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{PEER}/container",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token"}
    same("credential_source EcsContainer", "last", LAST, **metadata)
    instance()  # made before it is asked for: the SDK waits one second for an answer
    write(config=config.format("Ec2InstanceMetadata"))
    metadata = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": PEER}
    same("credential_source Ec2InstanceMetadata", "last", LAST, **metadata)
    write(config=config.format("Ec2InstanceMetadata") + f"ec2_metadata_service_endpoint = {PEER}\n")
    same("an instance's endpoint in the profile", "last", LAST, AWS_EC2_METADATA_DISABLED="false")


SSO = ("[profile sso]\nsso_session = corp\nsso_account_id = {}\nsso_role_name = Admin\n"
       "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\n"
       "sso_registration_scopes = sso:account:access\n").format(SOURCE)
LEGACY = ("[profile old]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n"
          "sso_account_id = {}\nsso_role_name = Admin\n").format(SOURCE)


def sso():
    arn = f"arn:aws:sts::{SOURCE}:assumed-role/Wide/from-sso"
    write(config=SSO)
    says("sso_session without a sign-in", "sso", "Run: aws sso login --profile sso", f"{CONFIG}:1")
    cached_token("corp", soon())
    Peer.role_credentials = sso_answer()
    same("sso_session", "sso", arn)
    path, headers, query = Peer.calls[-1]
    case("the token and the role reach IAM Identity Center",
         headers.get("x-amz-sso_bearer_token") == "sso-access-token-0123456789"
         and query == {"role_name": ["Admin"], "account_id": [SOURCE]}, (headers, query))
    write(config=SSO.replace("sso_role_name", "services = here\nsso_role_name") + f"[services here]\nsso =\n  endpoint_url = {PEER}\n")
    same("sso_session, its endpoint in a services section", "sso", arn, AWS_ENDPOINT_URL_SSO=None)
    write(config=SSO.replace("sso_role_name", "sso_region = us-east-1\nsso_role_name"))
    same("sso_session, a value of it repeated in the profile", "sso", arn)
    write(config=last("source_profile = sso") + SSO)
    same("a source_profile that is an sso_session", "last", LAST)
    write(config=SSO)
    Peer.role_credentials = sso_error("UnauthorizedException", "Session token not found or invalid")
    says("sso_session that IAM Identity Center has ended", "sso", "Session token not found", "Run: aws sso login --profile sso")
    Peer.role_credentials = sso_error("ForbiddenException", "No access")
    says("sso_session without the role", "sso", "ForbiddenException: No access", PEER, code=3)
    says("sso_session with an unreachable endpoint", "sso", "could not reach http://127.0.0.1:9", code=3, AWS_ENDPOINT_URL_SSO="http://127.0.0.1:9")
    cached_token("corp", soon(-5))
    says("sso_session that expired", "sso", "Run: aws sso login --profile sso", "expired")
    cached_token("corp", soon()).write_text("{")
    says("sso_session with a broken cache", "sso", "Run: aws sso login --profile sso")
    many = "".join(SSO.split("[sso-session")[0].replace("profile sso", f"profile {account}") for account in (SOURCE, TARGET))
    write(config=many + "[sso-session" + SSO.split("[sso-session")[1])
    cached_token("corp", soon(-5), clientId="client", clientSecret="client-secret", refreshToken="a-refresh-token",
                 registrationExpiresAt=soon(6000).strftime("%Y-%m-%dT%H:%M:%SZ"))
    Peer.role_credentials = sso_answer()
    Peer.calls.clear()
    federation = HOME / "federation.yaml"
    federation.write_text(f"""apiVersion: attache/v1
kind: Federation
metadata: {{ name: x }}
spec:
  issuer: {ISSUER.url.replace("region-code", "us-east-1")}
  workload: {{ namespace: a, serviceAccount: b }}
  source: {{ account: "{SOURCE}", role: S }}
  targets: [{{ account: "{TARGET}", role: T, region: us-east-1 }}]
""")
    planned = subprocess.run([ATTACHE, "plan", "-f", federation], env=environment(AWS_ENDPOINT_URL_SSO_OIDC=PEER),
                             capture_output=True, text=True, timeout=120)
    renewals = [body["refreshToken"] for path, _, body in Peer.calls if path == "/token"]
    used = {headers.get("x-amz-sso_bearer_token") for path, headers, _ in Peer.calls if path == "/federation/credentials"}
    case("an expired token that two profiles share is renewed once, and used by both",
         renewals == ["a-refresh-token"] and used == {"renewed-access-token"}, (renewals, used, planned.stderr))
    cached_token("https://x.awsapps.com/start", soon())
    write(config=LEGACY)
    Peer.role_credentials = sso_answer()
    same("the older sso_start_url", "old", arn)
    Peer.role_credentials = sso_error("UnauthorizedException", "Session token not found or invalid")
    says("sso_start_url that expired", "old", "Run: aws sso login --profile old")
    write(config=LEGACY.replace("sso_region = us-east-1\n", ""))
    says("sso_start_url without a region", "old", "missing sso_region", "aws configure sso --profile old")
    write(config=SSO.replace("[sso-session corp]", "[sso-session other]"))
    says("a missing sso_session", "sso", 'the sso-session "corp" does not exist')


def login():
    name = f"arn:aws:iam::{SOURCE}:user/ann"
    folder = HOME / "login"
    folder.mkdir(exist_ok=True)
    cache = folder / (hashlib.sha256(name.encode()).hexdigest() + ".json")
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                            serialization.NoEncryption()).decode()

    def kept(own, expires):
        cache.write_text(json.dumps({
            "accessToken": {"accessKeyId": own["AccessKeyId"], "secretAccessKey": own["SecretAccessKey"],
                            "sessionToken": own["SessionToken"], "accountId": SOURCE,
                            "expiresAt": expires.strftime("%Y-%m-%dT%H:%M:%SZ")},
            "tokenType": "aws_sigv4", "refreshToken": "refresh-0123456789", "idToken": "x.y.z",
            "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": pem}))

    here = {"AWS_LOGIN_CACHE_DIRECTORY": str(folder)}
    write(config=f"[profile login]\nlogin_session = {name}\nregion = us-east-1\n")
    says("login_session without a sign-in", "login", "Run: aws login --profile login", f"{CONFIG}:1", **here)
    kept(session("from-login"), soon())
    same("login_session", "login", f"arn:aws:sts::{SOURCE}:assumed-role/Wide/from-login", **here)
    write(config=f"[profile login]\nlogin_session = {name}\nregion = us-east-1\n" + last("source_profile = login"))
    same("a source_profile that is a login_session", "last", LAST, **here)

    def refreshed():
        own = session("refreshed")
        Peer.sign_in = 200, json.dumps({
            "accessToken": {"accessKeyId": own["AccessKeyId"], "secretAccessKey": own["SecretAccessKey"],
                            "sessionToken": own["SessionToken"]},
            "tokenType": "urn:aws:params:oauth:token-type:access_token_sigv4", "expiresIn": 900,
            "refreshToken": "refresh-again-0123"})
        kept(session("stale"), soon(-5))

    refreshed()
    theirs = boto("login", **here)
    refreshed()
    ours, _ = attache("login", **here)
    wanted = f"arn:aws:sts::{SOURCE}:assumed-role/Wide/refreshed"
    case("login_session that is renewed", ours == theirs == wanted, (ours, theirs))
    proof, body = Peer.proofs[-1]
    case("the refresh token is sent, with a proof of the key", body["refreshToken"] == "refresh-0123456789" and proved(key, proof), body)
    case("the new refresh token is stored", "refresh-again-0123" in cache.read_text())
    refreshed()
    write(config=f"[profile login]\nlogin_session = {name}\nregion = us-east-1\n")
    with_proxy("the console's sign-in through a proxy", "login", wanted, "us-east-1.signin.aws.amazon.com:443", **here)
    kept(session("stale"), soon(-5))
    Peer.sign_in = 400, json.dumps({"__type": "AccessDeniedException", "error": "TOKEN_EXPIRED", "message": "The refresh token has expired."})
    says("login_session that expired", "login", "Run: aws login --profile login", **here)
    says("login_session with an unreachable endpoint", "login", "could not reach http://127.0.0.1:9", code=3,
         **{**here, "AWS_ENDPOINT_URL_SIGNIN": "http://127.0.0.1:9"})
    cache.write_text("{")
    says("login_session with a broken cache", "login", "Run: aws login --profile login", **here)


def proved(key, proof):
    head, payload, signature = proof.split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))
    return True


def mistakes():
    role = "role_arn = arn:aws:iam::{}:role/Last\n".format(TARGET)
    for name, config, parts in [
        ("a missing profile", "", ["the profile last", "could not be found", "aws configure list-profiles"]),
        ("a missing source_profile", f"[profile last]\n{role}source_profile = none\n",
         ["the profile last", f"{CONFIG}:1", 'source_profile "none" does not exist']),
        ("a cycle of source_profiles",
         f"[profile last]\n{role}source_profile = b\n[profile b]\n{role}source_profile = last\n",
         ["infinite loop in credential configuration", "last -> b -> last"]),
        ("a profile that is its own source without keys", f"[profile last]\n{role}source_profile = last\n", ["infinite loop"]),
        ("role_arn and keys", f"[profile last]\n{role}{keys_of()}", ["the profile last", "neither source_profile nor credential_source"]),
        ("source_profile and credential_source", f"[profile last]\n{role}source_profile = a\ncredential_source = Environment\n",
         ["both source_profile and credential_source"]),
        ("an invalid credential_source", f"[profile last]\n{role}credential_source = Env\n", ["Ec2InstanceMetadata"]),
        ("an incomplete key", "[profile last]\naws_access_key_id = AKIA\n", ["missing aws_secret_access_key"]),
        ("a source without credentials", f"[profile last]\n{role}source_profile = b\n[profile b]\nregion = us-east-1\n",
         ["the profile b", f"{CONFIG}:4", "no credentials"]),
        ("mfa_serial", f"[profile last]\n{role}source_profile = b\nmfa_serial = x\n[profile b]\n{keys_of()}", ["mfa_serial", "export-credentials"]),
        ("an invalid duration", f"[profile last]\n{role}source_profile = b\nduration_seconds = 1h\n[profile b]\n{keys_of()}",
         ["duration_seconds", "900 to 43200"]),
        ("an invalid endpoint_url", f"[profile last]\nendpoint_url = localhost:1\n{keys_of()}", ["endpoint_url", "localhost:1"]),
        ("a file in another format", "hello\n", [str(CONFIG), "line 1"]),
        ("a very long chain", "".join(f"[profile {'last' if i == 0 else i}]\n{role}source_profile = {i + 1}\n" for i in range(3000)),
         ["source_profiles stand one behind the other"]),
    ]:
        write(config=config)
        says(name, "last", *parts)
    write(config=last("source_profile = keys").replace("e42", "other"), credentials=f"[keys]\n{keys_of()}")
    said, code = attache("last")
    case("a role that cannot be assumed", code == 3 and "AccessDenied" in said and "role/Last" in said
         and AUTHORITY.url in said and "request " in said, (said, code))
    write(credentials=f"[last]\n{keys_of()}")
    says("an empty endpoint of a service", "last", "unset AWS_ENDPOINT_URL_STS", AWS_ENDPOINT_URL_STS="")
    says("an invalid endpoint", "last", "unset AWS_ENDPOINT_URL", AWS_ENDPOINT_URL="localhost:4566")
    write()
    key, secret = AUTHORITY.keys(SOURCE)
    said, code = attache_default("--assume-role", "Any", AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret)
    case("keys of the environment assume a role", code == 3 and f"assumed-role" not in said
         and "user/administrator is not authorized to perform: sts:AssumeRole" in said, said)
    write(config="[default]\nregion = us-east-1\n")
    said, code = attache_default()
    case("no credentials at all", code == 2 and "there are no credentials for the account" in said, said)
    write(config=SSO.replace("[profile sso]", "[default]").replace("corp", "away"))
    said, code = attache_default()
    case("the error has the reason of the default profile", "aws sso login --profile default" in said, said)


def attache_default(*arguments, **more):
    done = subprocess.run([ATTACHE, "reach", "--live", "--account", NOBODY, *arguments], env=environment(**more),
                          capture_output=True, text=True, timeout=120)
    return " ".join((done.stdout + done.stderr).replace("│", " ").split()), done.returncode


class Tunnel(socketserver.BaseRequestHandler):
    """A proxy for CONNECT only that is itself the TLS server of every host: STS and IAM are the authority, all other
    hosts are this script."""

    hosts, context = [], None

    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = self.request.recv(1)
            if not more:
                return
            head += more
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        self.hosts.append((method, target))
        if method != "CONNECT":
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            return
        self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            inside = self.context.wrap_socket(self.request, server_side=True)
        except (ssl.SSLError, OSError):
            return
        port = int(AUTHORITY.url.rsplit(":", 1)[1]) if target.startswith(("sts.", "iam.")) else SERVER.server_port
        with socket.create_connection(("127.0.0.1", port)) as behind:
            other = threading.Thread(target=pipe, args=(behind, inside), daemon=True)
            other.start()
            pipe(inside, behind)
            other.join(10)


def pipe(source, to):
    try:
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def certificates():
    """A separate authority, and a certificate for AWS's hosts."""
    def make(name, key, issuer, issuer_key, *extensions):
        now = datetime.now(timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(issuer))
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30)))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(issuer_key, hashes.SHA256())

    def named(name):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = make("root", root_key, "root", root_key, x509.BasicConstraints(True, None))
    hosts = ["*.amazonaws.com", "*.us-east-1.amazonaws.com", "*.sso.us-east-1.amazonaws.com", "*.signin.aws.amazon.com",
             "*.signin.aws", "signin.aws.amazon.com"]
    own = make("aws", key, "root", root_key, x509.SubjectAlternativeName([x509.DNSName(h) for h in hosts]))
    HOME.mkdir(exist_ok=True)
    bundle, chain = HOME / "ca.pem", HOME / "server.pem"
    bundle.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(own.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    Tunnel.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    Tunnel.context.load_cert_chain(chain)


PROXY = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel)
PROXY.daemon_threads = True
threading.Thread(target=PROXY.serve_forever, daemon=True).start()
PROXY_URL = f"http://127.0.0.1:{PROXY.server_address[1]}"


def through(**more):
    """AWS's own endpoints through the proxy."""
    aws = {f"AWS_ENDPOINT_URL_{service}": None for service in ["STS", "IAM", "SSO", "SIGNIN"]}
    return {**aws, "HTTPS_PROXY": PROXY_URL, "AWS_CA_BUNDLE": str(HOME / "ca.pem"), **more}


def with_proxy(name, profile, wanted, *hosts, **more):
    Tunnel.hosts.clear()
    ours, _ = attache(profile, **through(**more))
    asked = {target for _, target in Tunnel.hosts}
    case(name, ours == wanted and set(hosts) <= asked, (ours, asked))


def proxies():
    write(config=last("source_profile = keys"), credentials=f"[keys]\n{keys_of()}")
    with_proxy("STS through a proxy, with AWS_CA_BUNDLE", "last", LAST, "sts.us-east-1.amazonaws.com:443")
    cached_token("corp", soon())
    Peer.role_credentials = sso_answer()
    write(config=SSO)
    with_proxy("IAM Identity Center through a proxy", "sso", f"arn:aws:sts::{SOURCE}:assumed-role/Wide/from-sso",
         "portal.sso.us-east-1.amazonaws.com:443", "sts.us-east-1.amazonaws.com:443")
    token = HOME / "token"
    token.write_text(ISSUER.token())
    write(config=f"[profile w]\nrole_arn = arn:aws:iam::{TARGET}:role/Web\nrole_session_name = web\nweb_identity_token_file = {token}\n")
    with_proxy("a web identity through a proxy", "w", f"arn:aws:sts::{TARGET}:assumed-role/Web/web", "sts.us-east-1.amazonaws.com:443")
    write(credentials=f"[{SOURCE}]\n{keys_of()}")
    Tunnel.hosts.clear()
    done = subprocess.run([ATTACHE, "reach", "--live", "--account", SOURCE], env=environment(**through()),
                          capture_output=True, text=True, timeout=120)
    case("IAM through a proxy", done.returncode == 0 and ("CONNECT", "iam.amazonaws.com:443") in Tunnel.hosts,
         (done.stderr, Tunnel.hosts))
    write(credentials=f"[keys]\n{keys_of()}")
    says("a proxy's certificate without AWS_CA_BUNDLE", "keys", "could not reach https://sts.us-east-1.amazonaws.com", "certificate",
         code=3, **through(AWS_CA_BUNDLE=""))
    bundle = f"ca_bundle = {HOME / 'ca.pem'}\n"
    write(config=f"[profile keys]\n{bundle}{keys_of()}")
    with_proxy("a profile's ca_bundle", "keys", ADMIN, "sts.us-east-1.amazonaws.com:443", AWS_CA_BUNDLE=None)
    write(config=f"[profile keys]\nca_bundle = {CREDENTIALS}\n{keys_of()}")
    says("an invalid ca_bundle", "keys", "the profile keys", "ca_bundle", "no certificate")
    write(credentials=f"[keys]\n{keys_of()}")
    says("an invalid AWS_CA_BUNDLE", "keys", "CA bundle", **through(AWS_CA_BUNDLE=str(CREDENTIALS)))
    Tunnel.hosts.clear()
    ours, _ = attache("keys", HTTP_PROXY=PROXY_URL, NO_PROXY="127.0.0.1")
    case("NO_PROXY", ours == ADMIN and not Tunnel.hosts, (ours, Tunnel.hosts))
    attache("keys", HTTP_PROXY=PROXY_URL)
    case("HTTP_PROXY", any(AUTHORITY.url.split("//")[1] in target for _, target in Tunnel.hosts), Tunnel.hosts)
    Tunnel.hosts.clear()
    write(config=last("credential_source = EcsContainer"))
    ours, _ = attache("last", HTTP_PROXY=PROXY_URL, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{PEER}/container",
                      AWS_CONTAINER_AUTHORIZATION_TOKEN="container-token")
    case("a container's endpoint is never called through a proxy",
         Tunnel.hosts and all("/container" not in target for _, target in Tunnel.hosts), Tunnel.hosts)


roles()
certificates()
static_keys()
source_profiles()
processes()
web_identity()
credential_sources()
sso()
login()
mistakes()
proxies()
finish()
