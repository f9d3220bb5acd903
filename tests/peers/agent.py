"""`attache agent` on loopback: boto3, both `aws` and the JavaScript SDK take their credentials from it as in a pod; its
two sources are the authority's EKS Auth and, off EKS, its STS. Tokens that are not the pod's, hostile requests, a pod
that floods, services that fail; and its logs, at their finest, are searched for secrets.

    NODE_PATH=FOLDER/node_modules agent.py PATH_OF_ATTACHE

Needs: pip install boto3 awscli cryptography; aws CLI v2 as /usr/bin/aws; npm install @aws-sdk/client-sts, in FOLDER.
"""

import datetime
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from agent import AUDIENCE, LOGS, SECRETS, Agent, leaks  # noqa: E402
from authority import SOURCE, TARGET, Authority, Issuer, case, events, finish  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-pods-")
FOLDER = Path(SCRATCH.name)
URL = "https://issuer.example/prod"
ISSUER = Issuer(ATTACHE, FOLDER, URL)
CLUSTER = "prod"
CLUSTER_ARN = f"arn:aws:eks:us-east-1:{SOURCE}:cluster/{CLUSTER}"
AUTHORITY = Authority(ATTACHE, arguments=["--issuer", f"{URL}={ISSUER.jwks}", "--cluster", f"{SOURCE}/us-east-1/{CLUSTER}={URL}"])
EKS, IAM = AUTHORITY.client("eks", SOURCE), AUTHORITY.client("iam", SOURCE)
PROVIDER = IAM.create_open_id_connect_provider(Url=URL, ClientIDList=[AUDIENCE])["OpenIDConnectProviderArn"]
ROWS = FOLDER / "associations.json"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, principal=None, resource=None, **more):
    return {"Effect": "Allow", "Action": action} | ({"Principal": principal} if principal else {}) | (
        {"Resource": resource} if resource else {}) | more


def role(name, trust, *allowed, account=SOURCE):
    iam = AUTHORITY.client("iam", account)
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*trust))["Role"]["Arn"]
    if allowed:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*allowed))
    return arn


def of_pods(service_account, namespace="causely"):
    """A trust policy for both sources: EKS's service, and the issuer's tokens of a service account."""
    host = URL.removeprefix("https://")
    return [allow(["sts:AssumeRole", "sts:TagSession"], {"Service": "pods.eks.amazonaws.com"}),
            allow("sts:AssumeRoleWithWebIdentity", {"Federated": PROVIDER}, Condition={"StringEquals": {
                f"{host}:aud": AUDIENCE, f"{host}:sub": f"system:serviceaccount:{namespace}:{service_account}"}})]


def token(service_account="mediator", pod="mediator-0", audience=AUDIENCE, issuer=None, namespace="causely", *more):
    bound = {"namespace": namespace, "serviceaccount": {"name": service_account, "uid": "s-1"}, "pod": {"name": pod, "uid": f"uid-{pod}"}}
    signed = (issuer or ISSUER).token(f"system:serviceaccount:{namespace}:{service_account}", audience, f"kubernetes.io={json.dumps(bound)}", *more)
    SECRETS[signed] = "a token"
    return signed


def associate(service_account, arn, **more):
    """The same association at EKS and in the agent's file, as `aws eks describe-pod-identity-association` prints it."""
    EKS.create_pod_identity_association(clusterName=CLUSTER, namespace="causely", serviceAccount=service_account, roleArn=arn, **more)
    write_rows()


def write_rows(change=lambda rows: rows):
    ids = [one["associationId"] for one in EKS.list_pod_identity_associations(clusterName=CLUSTER)["associations"]]
    rows = [EKS.describe_pod_identity_association(clusterName=CLUSTER, associationId=one)["association"] for one in ids]
    beside = ROWS.with_suffix(".new")
    beside.write_text(json.dumps({"associations": change(rows)}, default=str))
    beside.rename(ROWS)


def node():
    """The environment of an agent on EKS: the node's credentials."""
    arn = role("Node", [allow("sts:AssumeRole", {"AWS": SOURCE})], allow("eks-auth:AssumeRoleForPodIdentity", resource=CLUSTER_ARN))
    keys = AUTHORITY.client("sts", SOURCE).assume_role(RoleArn=arn, RoleSessionName="i-0123456789abcdef0")["Credentials"]
    SECRETS[keys["SecretAccessKey"]], SECRETS[keys["SessionToken"]] = "the node's secret access key", "the node's session token"
    return {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"], "AWS_REGION": "us-east-1"}


def eks_agent(*more, url=None, logs="trace"):
    return Agent(ATTACHE, "--cluster-name", CLUSTER, "--endpoint-url", url or AUTHORITY.url, *more, environment=NODE, logs=logs)


def other_agent(*more, rows=ROWS, url=None, logs="trace"):
    return Agent(ATTACHE, "--associations", rows, "--issuer", URL, "--jwks", ISSUER.jwks, "--region", "us-east-1",
                 "--cluster-name", CLUSTER, "--endpoint-url", url or AUTHORITY.url, *more, logs=logs)


def session(given):
    return {"AccessKeyId": given["AccessKeyId"], "SecretAccessKey": given["SecretAccessKey"], "SessionToken": given["Token"]}


def identity(given):
    return AUTHORITY.client("sts", credentials=session(given)).get_caller_identity()["Arn"]


def sdks(name, agent):
    """Clients that know nothing of this project, with a pod's environment and nothing else."""
    file = FOLDER / f"pod-token-{name.replace(' ', '-')}"
    file.write_text(token())
    wanted, pod = f"arn:aws:sts::{SOURCE}:assumed-role/Reader/eks-{CLUSTER}-mediator-0-", agent.pod(file)
    kept = dict(os.environ)
    os.environ.clear()
    os.environ |= pod
    try:
        config = Config(retries={"max_attempts": 0})
        arn = boto3.session.Session().client("sts", endpoint_url=AUTHORITY.url, config=config).get_caller_identity()["Arn"]
        case(f"{name}: boto3", arn.startswith(wanted), arn)
    finally:
        os.environ.clear()
        os.environ |= kept
    for aws in (str(Path(sys.executable).parent / "aws"), "/usr/bin/aws"):
        version = "v2" if aws == "/usr/bin/aws" else "v1"
        # Debian's version 2 is older than the variable that names the file.
        own = pod | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": file.read_text()} if version == "v2" else pod
        done = subprocess.run([aws, "--endpoint-url", AUTHORITY.url, "sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
                              env=own, capture_output=True, text=True)
        case(f"{name}: aws {version}", done.stdout.startswith(wanted), done.stderr or done.stdout)
    script = """const load = require('node:module').createRequire(process.env.NODE_PATH + '/');
        const { STSClient, GetCallerIdentityCommand } = load('@aws-sdk/client-sts');
        new STSClient({ endpoint: process.argv[1] }).send(new GetCallerIdentityCommand({})).then(a => console.log(a.Arn))"""
    done = subprocess.run(["node", "-e", script, AUTHORITY.url], env=pod, capture_output=True, text=True)
    case(f"{name}: the SDK for JavaScript", done.stdout.startswith(wanted), done.stderr or done.stdout)
    case(f"{name}: all four got one session", agent.metrics().get('pod_identity_cache_state{state="miss"}') == "1", agent.metrics())
    # `attache` itself, with its own reader of AWS's variables.
    done = subprocess.run([ATTACHE, "reach", "--account", SOURCE, "--live", "--endpoint-url", AUTHORITY.url], env=pod, capture_output=True, text=True)
    said = done.stdout + done.stderr
    case(f"{name}: attache takes the pod's credentials", "assumed-role/Reader/" in said or done.returncode == 0, said)


class ShortLived(http.server.BaseHTTPRequestHandler):
    """The agent's answers, with credentials that are said to end in five seconds."""

    agent = None

    def do_GET(self):
        status, text = self.agent.ask(self.headers["Authorization"])
        if status == 200:
            end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
            text = json.dumps(json.loads(text) | {"Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")})
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def mediator(name, agent):
    """`attache mediator` with a pod's environment and nothing else: the pod's own role as it is, and another account's role
    behind it. A token that the kubelet renews is followed."""
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    accounts = {"own": (SOURCE, f"arn:aws:iam::{SOURCE}:role/Reader"), "behind": (TARGET, f"arn:aws:iam::{TARGET}:role/Listed")}
    values, secrets, file = folder / "values.yaml", folder / "secrets.yaml", folder / "token"
    values.write_text(json.dumps({"scrapers": {"aws": {"enabled": True, "regions": ["us-east-1"], "accounts": [
        {"arn": f"arn:aws:iam::{account}:root", "secretName": secret} for secret, (account, _) in accounts.items()]}}}))
    secrets.write_text("\n---\n".join(json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": secret}, "stringData": {"AWS_ROLE_ARN": arn}})
                                      for secret, (_, arn) in accounts.items()))
    file.write_text(token(pod="first"))
    command = [ATTACHE, "mediator", "--values", str(values), "--secrets", str(secrets), "--endpoint-url", AUTHORITY.url]

    def once(environment):
        done = subprocess.run([*command, "--once", "--output", "json"], env=environment, capture_output=True, text=True, timeout=120)
        found = json.loads(done.stdout)["accounts"] if done.stdout.startswith("{") else []
        return done.returncode, {one["secret"]: one for one in found}, done.stdout + done.stderr
    code, found, said = once(agent.pod(file))
    own, behind = found.get("own", {}), found.get("behind", {})
    case(f"{name}: the mediator has the pod's own role as it is",
         str(own.get("identity_arn")).startswith(f"arn:aws:sts::{SOURCE}:assumed-role/Reader/eks-{CLUSTER}-first-"), own or said)
    case(f"{name}: and the other account's behind it", str(behind.get("identity_arn")).startswith(f"arn:aws:sts::{TARGET}:assumed-role/Listed/attache-"), behind or said)
    case(f"{name}: whose resources are listed", behind.get("resources", 0) > 0, behind or said)
    links = {link["link"]: link for link in behind.get("chain", [])}
    case(f"{name}: the chain names whose credentials they are", f"assumed-role/Reader/eks-{CLUSTER}-first-" in links["token"]["detail"]
         and [links[one]["status"] for one in ("token", "provider", "session", "identity")] == ["ok"] * 4, links)
    for what, environment, wanted, shown in (
            ("a plain http address that is not the node's", agent.pod(file) | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.0.0.1/v1/credentials"}, 3, "not refer to an allowed IP"),
            ("no agent there", agent.pod(file) | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/v1/credentials"}, 3, "container's credentials"),
            ("no token file", agent.pod(folder / "none"), 3, "container's credentials"),
            ("neither a token nor an agent", {one: value for one, value in agent.pod(file).items() if "CONTAINER" not in one}, 2, "AWS_CONTAINER_CREDENTIALS_FULL_URI")):
        code, _, said = once(environment)
        case(f"{name}: the mediator with {what}", code == wanted and shown in said, (code, said[:1500]))
    nobody = folder / "nobody"
    nobody.write_text(token("nobody"))
    code, found, said = once(agent.pod(nobody))
    case(f"{name}: the mediator without an association", code != 0 and "container's credentials" in said and "association" in said, (code, said[:1500]))
    IAM.put_role_policy(RoleName="Reader", PolicyName="own", PolicyDocument=document(allow(["iam:Get*", "iam:List*", "ec2:Describe*"], resource="*")))
    code, found, said = once(agent.pod(file))
    refused = found.get("behind", {}).get("error") or {}
    case(f"{name}: a role that may not be assumed", f"arn:aws:iam::{SOURCE}:role/Reader" in refused.get("remedy", "") and "sts:TagSession" in refused.get("remedy", "")
         and "sts:AssumeRole" in refused.get("message", ""), refused or said)
    IAM.put_role_policy(RoleName="Reader", PolicyName="own", PolicyDocument=document(*READER))
    leaked = [what for secret, what in SECRETS.items() if secret in said]
    case(f"{name}: no secret is in what the mediator says", leaked == [], leaked)
    followed(name, agent, command, file)


def followed(name, agent, command, file):
    """A new token in the file is another pod's session, without a restart."""
    ShortLived.agent = agent
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ShortLived)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = agent.pod(file) | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_port}/v1/credentials"}
    process = subprocess.Popen([*command, "--listen", "127.0.0.1:0", "--ephemeral", "--interval", "1s"], env=environment,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        line = process.stdout.readline()
        url = next((word.rstrip(";") for word in line.split() if word.startswith("http://")), "")

        def session():
            with urllib.request.urlopen(f"{url}api/v1/accounts", timeout=10) as answer:
                found = json.load(answer)
            return {one["secret"]: one["identity_arn"] for one in (found["accounts"] if isinstance(found, dict) else found)}["own"] or ""
        case(f"{name}: the mediator runs on the agent's credentials", until(lambda: f"eks-{CLUSTER}-first-" in session(), 30), line)
        beside = file.with_suffix(".new")
        beside.write_text(token(pod="second"))
        beside.rename(file)
        case(f"{name}: a token that was renewed is followed", until(lambda: f"eks-{CLUSTER}-second-" in session(), 40), session())
    finally:
        process.terminate()
        process.wait(20)
        server.shutdown()


def answers(name, agent):
    """What is answered, and that it is the pod's own."""
    one, two = token(pod="a"), token(pod="b")
    given = agent.credentials(one)
    case(f"{name}: five members", list(given) == ["AccessKeyId", "SecretAccessKey", "Token", "AccountId", "Expiration"], list(given))
    case(f"{name}: the account", given["AccountId"] == SOURCE, given["AccountId"])
    case(f"{name}: the expiration is RFC 3339", given["Expiration"].endswith("Z") and "T" in given["Expiration"], given["Expiration"])
    case(f"{name}: the same again", agent.credentials(one) == given)
    case(f"{name}: no method check", agent.ask(one, method="POST") == agent.ask(one), agent.ask(one, method="POST"))
    other = agent.credentials(two)
    names = identity(given).rsplit("/", 1)[1], identity(other).rsplit("/", 1)[1]
    case(f"{name}: another pod of the service account has another session",
         names[0].startswith(f"eks-{CLUSTER}-a-") and names[1].startswith(f"eks-{CLUSTER}-b-"), names)
    case(f"{name}: another service account has another role", "/Other/" in identity(agent.credentials(token("other"))))
    far = identity(agent.credentials(token("far")))
    case(f"{name}: the target role in the other account", far.startswith(f"arn:aws:sts::{TARGET}:assumed-role/Far/eks-{CLUSTER}-"), far)
    limited = session(agent.credentials(token("limited")))
    ec2, rds = AUTHORITY.client("ec2", credentials=limited), AUTHORITY.client("rds", credentials=limited)
    try:
        ec2.describe_instances()
        case(f"{name}: the session policy limits", False)
    except ec2.exceptions.ClientError as error:
        case(f"{name}: the session policy limits", "session policy" in str(error), error)
    case(f"{name}: the session policy allows", "DBInstances" in rds.describe_db_instances())


def refusals(name, agent):
    """The original's statuses, with EKS Auth's codes, for tokens that are not a pod's of this cluster."""
    forger = Issuer(ATTACHE, tempfile.mkdtemp(dir=FOLDER), URL)
    other = Issuer(ATTACHE, tempfile.mkdtemp(dir=FOLDER), "https://issuer.example/other")
    good = token()
    cut = good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")
    head, payload, signature = good.split(".")
    bad = "InvalidTokenException"
    unbound = ISSUER.token("system:serviceaccount:causely:mediator", AUDIENCE)
    subject = json.dumps({"namespace": "causely", "serviceaccount": {"name": "mediator"}, "pod": {"name": "p", "uid": "u"}})
    wrong = ISSUER.token("system:serviceaccount:causely:other", AUDIENCE, f"kubernetes.io={subject}")
    for what, given, status, code in [
        ("another audience", token(audience="sts.amazonaws.com"), 400, bad),
        ("two audiences", token(audience=[AUDIENCE, "vault"]), 400, bad),
        ("another cluster's", token(issuer=other), 400, bad),
        ("a forged one", token(issuer=forger), 400, bad),
        ("another signature", cut, 400, bad),
        ("another payload", f"{head}.{token('other').split('.')[1]}.{signature}", 400, bad),
        ("unsigned", f"{head}.{payload}.", 400, bad),
        ("no pod", unbound, 400, bad),
        ("another subject", wrong, 400, bad),
        ("expired", token("mediator", "mediator-0", AUDIENCE, ISSUER, "causely", "exp=1700000000", "iat=1699990000", "nbf=1699990000"), 400, "ExpiredTokenException"),
        ("not valid yet", token("mediator", "mediator-0", AUDIENCE, ISSUER, "causely", "nbf=4000000000"), 400, bad),
        ("no association", token("nobody"), 404, "ResourceNotFoundException"),
        ("another namespace", token(namespace="other"), 404, "ResourceNotFoundException"),
        ("a role that does not trust", token("untrusted"), 400, "AccessDeniedException"),
        ("a deleted role", token("deleted"), 400, "AccessDeniedException"),
        ("none", None, 400, "cannot be empty"),
        ("not a JWT", "abc", 400, "cannot be parsed"),
        ("with Bearer", f"Bearer {good}", 400, "cannot be parsed"),
        ("alg none", "eyJhbGciOiJub25lIn0." + payload + ".", 400, "cannot be parsed"),
        ("too long", good + "A" * 20_000, 400, "cannot be parsed"),
    ]:
        got = agent.ask(given)
        case(f"{name}: {what} is refused", got[0] == status and code in got[1], got)
    case(f"{name}: the good one is not", agent.ask(good)[0] == 200)


def clocks(name, agent):
    """The API server's clock ten minutes before or behind this one; four are within AWS's tolerance."""
    def at(minutes, life=3600):
        begun = int(time.time()) + minutes * 60
        return token("mediator", f"clock{minutes}-{life}", AUDIENCE, ISSUER, "causely", f"iat={begun}", f"nbf={begun}", f"exp={begun + life}")
    for what, given, status, shown in (
            ("ten minutes before", at(10), 400, "is not valid yet"), ("ten minutes behind, at its end", at(-20, 600), 400, "the token expired"),
            ("four minutes before", at(4), 200, ""), ("four minutes behind, at its end", at(-14, 600), 200, "")):
        got = agent.ask(given)
        said = shown in got[1] and "this node's clock" in got[1] and "date -u" in got[1] if shown else True
        case(f"{name}: the API server's clock is {what}", got[0] == status and said, got if status != 200 or got[0] != 200 else "")
    logged = agent.log.read_text()
    case(f"{name}: whose clock it is stands in the log, too", "this node's clock, the end the API server's" in logged)


def hostile(agent):
    good, port = token(), urlsplit(agent.url).port
    for host in ("evil.example", f"evil.example:{port}", "localhost", "169.254.169.254", "127.0.0.1.evil.example", "", "[::1]", "2130706433", "0x7f000001"):
        got = agent.ask(good, headers={"Host": host})
        case(f"the host {host!r} is refused", got[0] == 403 and "invalid address" in got[1], got)
    case("the host without a port is taken", agent.ask(good, headers={"Host": "127.0.0.1"})[0] == 200)
    for path, status in (("/", 404), ("/v1/credentials/", 404), ("/v1/credentials/../credentials", 404), ("/v1/credentials?a=b", 200), ("/metrics", 404), ("/healthz", 404)):
        case(f"the path {path}", agent.ask(good, path=path)[0] == status, agent.ask(good, path=path))
    got = raw(agent, f"GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {'x' * 1_000_000}\r\n\r\n")
    case("a header of 1 MB", got == "" or got.startswith("HTTP/1.1 431"), got)
    case("a body is not waited for", raw(agent, f"POST /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {good}\r\nContent-Length: 1000000\r\n\r\n").startswith("HTTP/1.1 200"))
    for what, text in (("two hosts", f"GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\nAuthorization: {good}\r\n\r\n"),
                       ("two tokens", f"GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {good}\r\nAuthorization: x\r\n\r\n"),
                       ("not HTTP", "\x16\x03\x01\x02\r\n\r\n"), ("a line feed in the path", "GET /v1\n/credentials HTTP/1.1\r\n\r\n")):
        case(f"{what} is a bad request", raw(agent, text).startswith("HTTP/1.1 400"), raw(agent, text))
    absolute = raw(agent, f"GET http://evil.example/v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {good}\r\n\r\n")
    case("another host in the target", absolute.startswith("HTTP/1.1 403"), absolute)
    idle = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(400)]
    for one in idle:
        try:
            one.sendall(b"GET /v1/credentials HTTP/1.1\r\nHost: ")
        except OSError:
            pass
    case("hundreds of idle connections of one address", agent.ask(good, client="127.0.0.9")[0] == 200)
    for one in idle:
        one.close()


def raw(agent, text):
    at = urlsplit(agent.url)
    with socket.create_connection((at.hostname, at.port), timeout=5) as connection:
        try:
            connection.sendall(text.encode("latin-1"))
        except ConnectionError:
            pass
        connection.settimeout(3)
        try:
            return connection.recv(65_536).decode("latin-1")
        except (TimeoutError, ConnectionError):
            return ""


def flooding():
    """The original's limits by default; and one pod that floods while others ask."""
    agent = other_agent("--requests-per-second", "200", logs="info")
    flood, others = token(pod="flood"), [token(pod=f"calm-{number}") for number in range(5)]
    agent.credentials(flood)
    counts, end = {}, time.monotonic() + 4

    def ask():
        while time.monotonic() < end:
            status = agent.ask(flood)[0]
            counts[status] = counts.get(status, 0) + 1
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    statuses = []
    while time.monotonic() < end - 0.5:
        statuses += [agent.ask(one, client=f"127.0.0.{number + 10}")[0] for number, one in enumerate(others)]
        time.sleep(0.2)
    for one in threads:
        one.join()
    case("a pod that floods is told so", counts.get(429, 0) > 0, counts)
    case("it gets what the others leave", counts.get(200, 0) > 200, counts)
    case("the others are all served", len(statuses) > 20 and set(statuses) == {200}, (statuses, counts))
    case("the refusals are counted", int(agent.metrics()['pod_identity_http_response{code="429"}']) == counts.get(429), agent.metrics())
    agent.stop()


def probes(agent):
    """They answer also while one address has all the connections to the credentials that it may have."""
    at = urlsplit(agent.url)
    held = [socket.create_connection((at.hostname, at.port)) for _ in range(200)]
    for url in (agent.probes, agent.metrics_url):
        for path in ("healthz", "readyz"):
            with urllib.request.urlopen(url + path, timeout=5) as answer:
                case(f"{url}{path}", answer.status == 200)
    names = {line.split("{")[0] for line in agent.metrics()}
    for one in held:
        one.close()
    case("the metrics have the original's names", {"pod_identity_http_response", "pod_identity_cache_state"} <= names, names)


def logged_once(agent):
    """A pod that asks for ever does not fill the log."""
    nobody = token("nobody")
    for _ in range(50):
        agent.ask(nobody, client="127.0.0.30")
    warned = [line for line in agent.log.read_text().splitlines() if "WARN" in line and "127.0.0.30" in line]
    case("the same refusal is warned of once", len(warned) == 1 and "No association found" in warned[0], warned)


def until(what, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def renewal(name, start):
    """Credentials are renewed without a request; while the service is away those that are there are served."""
    agent, own = start("--max-credential-retention-before-renewal", "2s"), token()
    first = agent.credentials(own)["AccessKeyId"]
    case(f"{name}: renewed", until(lambda: agent.credentials(own)["AccessKeyId"] != first))
    AUTHORITY.kill()
    time.sleep(4)
    kept = [agent.ask(own)[0] for _ in range(3)]
    case(f"{name}: served while the service is away", kept == [200] * 3, kept)
    counted = until(lambda: 'pod_identity_cache_errors{type="Recoverable",code="NoAnswer"}' in agent.metrics(), 30)
    case(f"{name}: the failed renewal is counted", counted, agent.metrics())
    new = agent.ask(token(pod="new"))
    case(f"{name}: a new pod is told", new[0] == 500, new)
    return agent


def changes():
    """An entry goes when its association or role changes, and a mistake in the file changes nothing."""
    agent, own, other = other_agent(), token(), token("other")
    before, unchanged = agent.credentials(own), agent.credentials(other)
    # The other service account's role trusts this one too.
    write_rows(lambda rows: [one | {"roleArn": f"arn:aws:iam::{SOURCE}:role/Second"} if one["serviceAccount"] == "mediator" else one for one in rows])
    case("another role in the row", until(lambda: "/Second/" in identity(agent.credentials(own))), before["AccessKeyId"])
    case("other rows' credentials stay", agent.credentials(other) == unchanged)
    second = agent.credentials(own)
    ROWS.write_text("associations: [{namespace: causely}]")
    case("a mistake is logged with its place", until(lambda: f"{ROWS}:1:" in agent.log.read_text()))
    case("and changes nothing", agent.credentials(own) == second)
    write_rows(lambda rows: [one for one in rows if one["serviceAccount"] != "mediator"])
    case("without its row a pod gets nothing", until(lambda: agent.ask(own)[0] == 404), agent.ask(own))
    write_rows()
    case("and again with it", until(lambda: agent.ask(own)[0] == 200), agent.ask(own))
    old = token(pod="old")
    ISSUER.rotate()
    case("a token of the issuer's new key", until(lambda: agent.ask(token(pod="rotated"))[0] == 200))
    case("the old key's tokens are no longer traded", agent.ask(old)[0] == 400, agent.ask(old))
    agent.stop()


def certificate(name, issuer=None):
    """A certificate and its key; that of an authority if there is no issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), datetime.datetime.now(datetime.timezone.utc)
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[0].subject if issuer else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
               .not_valid_after(now + datetime.timedelta(days=2)).add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
               .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False))
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


class Documents(http.server.BaseHTTPRequestHandler):
    """An issuer's two documents, once it is up."""

    up, count = False, 0

    def do_GET(self):
        Documents.count += 1
        body = {"/prod/.well-known/openid-configuration": json.dumps({"issuer": URL, "jwks_uri": f"{URL}/keys"}),
                "/prod/keys": ISSUER.jwks.read_text()}.get(self.path)
        body = body.encode() if self.up and body else b""
        self.send_response(200 if body else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def discovery():
    """The keys as AWS finds them; not ready before they are known, and not in doubt while the issuer is away."""
    authority, pem = certificate("the issuer's authority"), serialization.Encoding.PEM
    leaf, key = certificate("issuer.example", authority)
    ca, chain = FOLDER / "ca.pem", FOLDER / "chain.pem"
    ca.write_bytes(authority[0].public_bytes(pem))
    chain.write_bytes(leaf.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Documents)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    agent = Agent(ATTACHE, "--associations", ROWS, "--issuer", URL, "--region", "us-east-1", "--cluster-name", CLUSTER, "--endpoint-url",
                  AUTHORITY.url, "--issuer-ca", ca, "--issuer-address", f"issuer.example=127.0.0.1:{server.server_port}", "--allow-private-issuers")

    def ready():
        try:
            return urllib.request.urlopen(agent.probes + "readyz", timeout=5).status
        except urllib.error.HTTPError as error:
            return error.code
    case("without keys it is not ready", ready() == 503, ready())
    got = agent.ask(token())
    case("without keys a pod is told to ask again", got[0] == 503 and "ServiceUnavailableException" in got[1], got)
    Documents.up = True
    served = until(lambda: agent.ask(token())[0] == 200, 15)
    said = [line for line in agent.log.read_text().splitlines() if "issuer's keys" in line]
    case("with keys a pod is served", served, said)
    case("and it is ready", ready() == 200)
    Documents.up, before = False, Documents.count
    case("the issuer may be away", [agent.ask(token(pod=f"away-{n}"))[0] for n in range(3)] == [200] * 3)
    forger = Issuer(ATTACHE, tempfile.mkdtemp(dir=FOLDER), URL)
    forged = [agent.ask(token(issuer=forger, pod=f"f-{n}"))[0] for n in range(10)]
    case("forged keys are not asked for again and again", forged == [400] * 10 and Documents.count - before <= 4, (forged, Documents.count - before))
    agent.stop()
    server.shutdown()


class Answer(http.server.BaseHTTPRequestHandler):
    """EKS Auth as it might answer one day."""

    answers = []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, headers, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status is None:
            return self.connection.close()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def odd_answers():
    """Answers of EKS Auth that the authority does not give."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    agent = eks_agent(url=f"http://127.0.0.1:{server.server_port}")
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    SECRETS[secret], SECRETS["FwoGZXIvYXdzE" + "x" * 400] = "a secret access key", "a session token"
    good = {"subject": {"namespace": "a", "serviceAccount": "b"}, "audience": AUDIENCE,
            "podIdentityAssociation": {"associationArn": "arn:aws:eks:x", "associationId": "a-1"},
            "assumedRoleUser": {"arn": f"arn:aws:sts::{SOURCE}:assumed-role/R/s", "assumeRoleId": "AROA:s"},
            "credentials": {"sessionToken": "FwoGZXIvYXdzE" + "x" * 400, "secretAccessKey": secret,
                            "accessKeyId": "ASIAIOSFODNN7EXAMPLE", "expiration": int(time.time()) + 21_600}}
    number = iter(range(100))

    def ask(status, body, **headers):
        Answer.answers = [(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())]
        return agent.ask(token(pod=f"odd-{next(number)}"))
    status, text = ask(200, good | {"workloadIdentityProviderArn": "arn:aws:x", "AccessKeyId": "x"} | {"credentials": good["credentials"] | {"scope": {"a": 1}}})
    given = json.loads(text) if status == 200 else text
    case("unknown members pass", status == 200 and given["workloadIdentityProviderArn"] == "arn:aws:x" and given["scope"] == {"a": 1}, given)
    case("and replace none of ours", status == 200 and given["AccessKeyId"] == "ASIAIOSFODNN7EXAMPLE", given)
    short = good | {"credentials": good["credentials"] | {"expiration": int(time.time()) + 10}}
    case("credentials of ten seconds are of no use", ask(200, short)[0] == 500)
    for status, code in ((400, "AccessDeniedException"), (404, "ResourceNotFoundException"), (429, "ThrottlingException"),
                         (500, "InternalServerException"), (503, "ServiceUnavailableException"), (418, "TeapotException")):
        got = ask(status, {"message": "why"}, **{"x-amzn-errortype": code})
        case(f"the service's {status} {code}", got[0] == status and code in got[1] and "why" in got[1], got)
    for what, body in (("no JSON", b"<html>"), ("nothing", b""), ("no credentials", {"subject": {}}), ("a list", [1]),
                       ("no account", good | {"assumedRoleUser": {"arn": "x", "assumeRoleId": "y"}})):
        got = ask(200, body)
        case(f"an answer that is {what}", got[0] == 500, got)
    case("no answer", ask(None, b"")[0] == 500)
    echo = token(pod="echo")
    Answer.answers = [(400, {"x-amzn-errortype": "InvalidTokenException"}, json.dumps({"message": f"bad {echo}"}).encode())]
    case("a message that repeats the token", echo not in agent.ask(echo)[1], agent.ask(echo)[1])
    agent.stop()
    server.shutdown()


def usage():
    def run(*arguments, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        done = subprocess.run([ATTACHE, "agent", *(str(one) for one in arguments)], capture_output=True, text=True, env=kept | environment, timeout=20)
        return done.returncode, done.stderr
    loopback = ("--bind-hosts", "127.0.0.1", "--port", "0", "--probe-port", "0", "--metrics-port", "0")
    bad = FOLDER / "bad.yaml"
    bad.write_text("associations:\n- namespace: a\n  serviceAccount: b\n  rolArn: x\n")
    for what, arguments, shown in (
            ("no source", loopback, "--cluster-name"),
            ("no issuer", ("--associations", ROWS, *loopback), "--issuer"),
            ("nothing that names roles", ("--issuer", URL, "--region", "us-east-1", *loopback), "--associations"),
            ("no cluster to watch", ("--annotations", "--issuer", URL, "--region", "us-east-1", *loopback), "--kubeconfig"),
            ("no region", ("--associations", ROWS, "--issuer", URL, *loopback), "--region"),
            ("a misspelt key", ("--associations", bad, "--issuer", URL, "--region", "us-east-1", *loopback), "bad.yaml:4:3"),
            ("no file", ("--associations", FOLDER / "none", "--issuer", URL, "--region", "us-east-1", *loopback), "none"),
            ("a cluster's ARN", ("--cluster-name", CLUSTER_ARN, *loopback), "cluster name"),
            ("an address that the node has not", ("--cluster-name", "x", "--probe-port", "0", "--metrics-port", "0"), "ip addr add 169.254.170.23/32")):
        code, said = run(*arguments, AWS_CONFIG_FILE="/dev/null")
        case(f"{what} is said", code == 2 and shown in said, (code, said))


READER = [allow(["iam:Get*", "iam:List*", "ec2:Describe*"], resource="*"),
          allow(["sts:AssumeRole", "sts:TagSession"], resource=f"arn:aws:iam::{TARGET}:role/Listed")]


def main():
    for name in ("Reader", "Second"):
        reader = role(name, of_pods("mediator"), *READER)
        if name == "Reader":
            role("Listed", [allow(["sts:AssumeRole", "sts:TagSession"], {"AWS": reader})],
                 allow(["ec2:Describe*", "s3:ListAllMyBuckets", "rds:Describe*", "sqs:List*", "sqs:Get*"], resource="*"), account=TARGET)
    other = role("Other", of_pods("other"))
    first = role("First", of_pods("far"), allow(["sts:AssumeRole", "sts:TagSession"], resource=f"arn:aws:iam::{TARGET}:role/*"))
    tagged = {"StringEquals": {"aws:RequestTag/kubernetes-service-account": "far", "aws:RequestTag/eks-cluster-arn": CLUSTER_ARN}}
    far = role("Far", [allow(["sts:AssumeRole", "sts:TagSession"], {"AWS": first}, Condition=tagged)], account=TARGET)
    limited = role("Limited", of_pods("limited"), allow(["ec2:Describe*", "rds:Describe*"], resource="*"))
    untrusted = role("Untrusted", [allow("sts:AssumeRole", {"AWS": SOURCE})])
    deleted = role("Deleted", of_pods("deleted"))
    associate("mediator", f"arn:aws:iam::{SOURCE}:role/Reader")
    associate("other", other)
    associate("far", first, targetRoleArn=far)
    associate("limited", limited, disableSessionTags=True, policy=document(allow("rds:*", resource="*")))
    associate("untrusted", untrusted)
    associate("deleted", deleted)
    IAM.delete_role(RoleName="Deleted")
    for name, start in (("EKS Auth", eks_agent), ("web identity", other_agent)):
        agent = start()
        sdks(name, agent)
        mediator(name, agent)
        clocks(name, agent)
        answers(name, agent)
        refusals(name, agent)
        case(f"{name}: ends at SIGTERM", agent.stop() == 0)
    agent = other_agent()
    hostile(agent)
    probes(agent)
    logged_once(agent)
    agent.stop()
    flooding()
    changes()
    discovery()
    odd_answers()
    usage()
    for name, start in (("EKS Auth", eks_agent), ("web identity", other_agent)):
        renewal(name, start).stop()
        AUTHORITY.restart()
    case("the secrets were noted", len(SECRETS) > 50 and sum(one.log.stat().st_size for one in LOGS) > 100_000, len(SECRETS))
    case("no secret is in a log", leaks() == [], leaks())
    case("no token is in the authority's journal", "eyJ" not in json.dumps(events(AUTHORITY)))
    finish()


NODE = node()
main()
