"""The mediator with a broken or hostile endpoint: which responses it accepts, its limits, what its output repeats,
which hosts it answers, and the modes of its files.

Usage: mediator_hostile.py ATTACHE
"""

import base64
import http.client
import http.server
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from lib.cleanup import run_and_clean_up

attache = sys.argv[1]
work = pathlib.Path(tempfile.mkdtemp(prefix="attache-hostile-"))
started = []
ACCOUNT = "222222222222"
JSON10 = "application/x-amz-json-1.0"
OPERATIONS = {
    "DescribeVpcs": "ec2:vpc", "DescribeSubnets": "ec2:subnet", "DescribeInstances": "ec2:instance",
    "DescribeDBInstances": "rds:db", "DescribeLoadBalancers": "elasticloadbalancing:loadbalancer",
    "DescribeTargetGroups": "elasticloadbalancing:targetgroup", "ListQueues": "sqs:queue",
    "ListFunctions": "lambda:function", "ListTables": "dynamodb:table", "ListBuckets": "s3:bucket",
}


def part(claims):
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


TOKEN = ".".join([
    part({"alg": "RS256", "kid": "1"}),
    part({"iss": "https://oidc.example/id/1\u001b]0;owned\u0007", "aud": "sts.amazonaws.com",
          "sub": "system:serviceaccount:a:b\n2026 ERROR forged by a claim", "iat": 1,
          "exp": int(time.time()) + 3600}),
    "c2lnbmF0dXJlc2lnbmF0dXJl"])
SESSION = "the-session-token-that-nobody-may-read"


def ec2(operation, content):
    return (f'<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
            f"<requestId>1</requestId>{content}</{operation}Response>")


def query(operation, content, namespace):
    return (f'<{operation}Response xmlns="{namespace}"><{operation}Result>{content}'
            f"</{operation}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
            f"</{operation}Response>")


def sts(operation, content):
    return query(operation, content, "https://sts.amazonaws.com/doc/2011-06-15/")


def listing(operation, ids):
    """Content type and body of a complete listing."""
    elb = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"
    named = operation.removeprefix("Describe").removesuffix("s")
    match operation:
        case "DescribeVpcs":
            items = "".join(f"<item><vpcId>{i}</vpcId></item>" for i in ids)
            return "text/xml", ec2(operation, f"<vpcSet>{items}</vpcSet>")
        case "DescribeSubnets":
            items = "".join(f"<item><subnetId>{i}</subnetId><subnetArn>arn:{i}</subnetArn></item>"
                            for i in ids)
            return "text/xml", ec2(operation, f"<subnetSet>{items}</subnetSet>")
        case "DescribeInstances":
            items = "".join(f"<item><instancesSet><item><instanceId>{i}</instanceId></item>"
                            "</instancesSet></item>" for i in ids)
            return "text/xml", ec2(operation, f"<reservationSet>{items}</reservationSet>")
        case "DescribeDBInstances":
            items = "".join(f"<DBInstance><DBInstanceIdentifier>{i}</DBInstanceIdentifier>"
                            f"<DBInstanceArn>arn:{i}</DBInstanceArn></DBInstance>" for i in ids)
            return "text/xml", query(operation, f"<DBInstances>{items}</DBInstances>",
                                     "http://rds.amazonaws.com/doc/2014-10-31/")
        case "DescribeLoadBalancers" | "DescribeTargetGroups":
            items = "".join(f"<member><{named}Name>{i}</{named}Name><{named}Arn>arn:{i}</{named}Arn>"
                            "</member>" for i in ids)
            return "text/xml", query(operation, f"<{named}s>{items}</{named}s>", elb)
        case "ListQueues":
            return JSON10, json.dumps({"QueueUrls": [f"https://q/1/{i}" for i in ids]} if ids else {})
        case "ListTables":
            return JSON10, json.dumps({"TableNames": list(ids)})
        case "ListFunctions":
            return "application/json", json.dumps({"Functions": [
                {"FunctionName": i, "FunctionArn": f"arn:{i}"} for i in ids]})
        case "ListBuckets":
            items = "".join(f"<Bucket><Name>{i}</Name></Bucket>" for i in ids)
            return "application/xml", (
                '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                f"<Buckets>{items}</Buckets></ListAllMyBucketsResult>")
    raise AssertionError(operation)


class Aws(http.server.BaseHTTPRequestHandler):
    """Responds as an account with three resources of each type, or with `answer`."""

    protocol_version = "HTTP/1.1"
    answer = None
    assume = None

    def log_message(self, *_words):
        pass

    def do_GET(self):
        self.one("ListFunctions" if "/functions" in self.path else "ListBuckets", "")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        target = self.headers.get("x-amz-target", "")
        form = urllib.parse.parse_qs(body)
        self.one(target.split(".")[-1] if target else form["Action"][0], body)

    def one(self, operation, body):
        if operation == "AssumeRoleWithWebIdentity":
            if Aws.assume:
                return self.send(*Aws.assume(body))
            return self.send(200, "text/xml", sts(operation, (
                "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>"
                "<SecretAccessKey>the-secret-key-of-the-session</SecretAccessKey>"
                f"<SessionToken>{SESSION}</SessionToken><Expiration>2036-01-01T00:00:00Z"
                "</Expiration></Credentials>")))
        if operation == "GetCallerIdentity":
            arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/CauselyAccess/attache-1"
            return self.send(200, "text/xml", sts(
                operation, f"<Arn>{arn}</Arn><Account>{ACCOUNT}</Account>"))
        given = Aws.answer(operation, body) if Aws.answer else None
        self.send(*(given or (200, *listing(operation, ["a1", "b2", "c3"]))))

    def send(self, status, content_type, body, request_id=True):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if request_id:
            self.send_header("x-amzn-RequestId", "7a62c49f-347e-4fc4-9331-6e8e7a96aa73")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except ConnectionError:
            pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, seconds, probe):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if (found := probe()) is not None and found is not False:
                return found
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass
        time.sleep(0.1)
    raise SystemExit(f"{what} did not come within {seconds} s")


def configure():
    (work / "values.yaml").write_text(
        "scrapers:\n  aws:\n    enabled: true\n    accounts:\n"
        f"      - arn: arn:aws:iam::{ACCOUNT}:root\n        secretName: aws-secret\n")
    (work / "secrets.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: aws-secret\nstringData:\n"
        "  AWS_REGION: us-east-1\n"
        f"  AWS_ROLE_ARN: arn:aws:iam::{ACCOUNT}:role/CauselyAccess\n")
    (work / "token").write_text(TOKEN)


class Mediator:
    """The attache binary, running the mediator."""

    def __init__(self, endpoint, data, *more, listen="127.0.0.1"):
        self.port, self.data, self.log = free_port(), data, work / f"{data.name}.log"
        log = open(self.log, "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [attache, "mediator", "--values", str(work / "values.yaml"), "--secrets",
             str(work / "secrets.yaml"), "--token-file", str(work / "token"), "--endpoint-url",
             endpoint, "--listen", f"{listen}:{self.port}", "--data", str(data), "--interval", "1s",
             "-v", *more], stdout=log, stderr=log)
        started.append(self.process)
        wait_for("the mediator", 30, lambda: self.get("/healthz")[0] == 200)

    def get(self, path, host=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    def coverage(self):
        return {line["type"]: line for line in json.loads(self.get("/api/v1/coverage")[2])["coverage"]}

    def ids(self):
        listed = json.loads(self.get("/api/v1/resources?limit=10000")[2])["resources"]
        return {(resource["type"], resource["id"]) for resource in listed}

    def scraped_since(self, moment):
        """The coverage after every type was scraped once more."""
        def probe():
            coverage = self.coverage()
            fresh = len(coverage) == 10 and all(line["at"] > moment for line in coverage.values())
            return coverage if fresh else None
        return wait_for("a scrape", 60, probe)

    def resident(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) // 1024

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=15) == 0
        return self.log.read_text(encoding="utf-8")


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time())) + "Z"


def only_what_is_evident_is_believed(mediator):
    mediator.scraped_since("")
    known = mediator.ids()
    assert len(known) == 30, known
    html = "<html><body>sign in</body></html>"
    bad = {
        "foreign JSON": (200, "application/json", '{"message":"maintenance"}', False),
        "foreign JSON with a request id": (200, JSON10, '{"message":"maintenance"}'),
        "an empty object of a proxy": (200, "application/json", "{}", False),
        "an empty body": (200, JSON10, ""),
        "204": (204, JSON10, ""),
        "a page": (200, "text/html", html, False),
        "an error document": (200, "text/xml", "<Error><Code>Down</Code></Error>"),
    }
    for name, answer in bad.items():
        Aws.answer = lambda _operation, _body, answer=answer: answer
        time.sleep(1.1)
        coverage = mediator.scraped_since(now())
        assert all(line["status"] != "ok" for line in coverage.values()), (name, coverage)
        assert mediator.ids() == known, name
        print(f"ok  {name}: accepted by none of ten types, nothing deleted")
    Aws.answer = lambda operation, _body: (200, *listing(operation, []))
    wait_for("the honest fall", 30, lambda: not mediator.ids())
    print("ok  the valid response of an empty account is accepted")
    Aws.answer = None


def an_endless_listing_is_bounded(endpoint):
    page = {}

    def endless(operation, _body):
        if operation != "DescribeInstances":
            return None
        nth = page["nth"] = page.get("nth", -1) + 1
        tags = "".join(f"<item><key>k{n}</key><value>{'v' * 200}</value></item>" for n in range(20))
        content_type, body = listing(operation, [f"i-{nth}-{n}" for n in range(1000)])
        body = body.replace("</instanceId>", f"</instanceId><tagSet>{tags}</tagSet>")
        end = "</DescribeInstancesResponse>"
        return 200, content_type, body.replace(end, f"<nextToken>t{nth}</nextToken>{end}")

    Aws.answer = endless
    mediator = Mediator(endpoint, work / "endless")
    line = wait_for("the bound", 120, lambda: mediator.coverage().get("ec2:instance"))
    assert line["status"] == "failed" and "given up" in line["message"], line
    resident = mediator.resident()
    assert resident < 700, f"{resident} MB"
    others = [one["status"] for kind, one in mediator.coverage().items() if kind != "ec2:instance"]
    assert set(others) == {"ok"}, others
    mediator.end()
    Aws.answer = None
    print(f"ok  an endless listing is given up ({line['message']}), {resident} MB at most")


def nothing_is_repeated(endpoint):
    """Tokens, keys, escape sequences and line feeds in errors of STS and of a listing."""
    evil = "\u009b31m\u202e&#x85;&#10;2026-01-01T00:00:00Z ERROR forged: all is well&#13;"

    def refused(body):
        token = urllib.parse.parse_qs(body)["WebIdentityToken"][0]
        return 400, "text/xml", (
            "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>"
            f"Value '{token}' at 'webIdentityToken' failed{evil}</Message></Error>"
            "<RequestId>1</RequestId></ErrorResponse>")

    def canonical(_operation, _body):
        return 403, "text/xml", (
            "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>The Canonical String "
            f"should have been x-amz-security-token:{SESSION} and {TOKEN}{evil}</Message></Error>"
            "</ErrorResponse>")

    for name, assume, answer in [("sts", refused, None), ("listing", None, canonical)]:
        Aws.assume, Aws.answer = assume, answer
        mediator = Mediator(endpoint, work / f"repeats-{name}")
        mediator.scraped_since("")
        said = {path: mediator.get(path)[2] for path in [
            "/", "/metrics", "/api/v1/accounts", "/api/v1/coverage", "/api/v1/resources?raw=true"]}
        said["log"] = mediator.end()
        for file in mediator.data.iterdir():
            said[file.name] = file.read_bytes().decode("utf-8", "replace")
        for where, text in said.items():
            for secret in [TOKEN, TOKEN.split(".")[1], SESSION]:
                assert secret not in text, f"{name}: a secret is in {where}"
            if not where.startswith("inventory.sqlite"):
                bad = [c for c in text if c in "\u009b\u0085\u202e\u001b\r\u0007"]
                assert not bad, f"{name}: {bad!r} in {where}"
        forged = [line for line in said["log"].splitlines() if line.startswith("2026") and
                  "forged" in line and " WARN " not in line and " INFO " not in line]
        assert not forged, forged
        assert "[hidden]" in said["/api/v1/coverage"], said["/api/v1/coverage"]
        print(f"ok  what {name} repeats is in no answer, page, metric, log or file")
    Aws.assume = Aws.answer = None


def answers_to_its_own_hosts(mediator):
    port = mediator.port
    for path in ["/", "/metrics", "/api/v1/accounts", "/api/v1/resources", "/healthz", "/page.js"]:
        for host, wanted in [(f"localhost:{port}", 200), (f"127.0.0.1:{port}", 200),
                             (f"LOCALHOST.:{port}", 200), (f"[::1]:{port}", 200),
                             ("attache.example", 200), (f"evil.example:{port}", 421),
                             (f"localhost.evil.example:{port}", 421), ("10.1.2.3", 421)]:
            status, headers, _ = mediator.get(path, host)
            assert status == wanted, (path, host, status)
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff", headers
    print("ok  every path answers only for its allowed hosts, with its headers")


def page_works_under_its_policy(mediator):
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--enable-logging=stderr", "--v=0", "--virtual-time-budget=3000"]
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            ["chromium", *flags, f"--user-data-dir={profile}", "--dump-dom",
             f"http://localhost:{mediator.port}/"],
            capture_output=True, text=True, timeout=120, check=True)
    assert "Content Security Policy" not in done.stderr, done.stderr[-2000:]
    assert re.search(r'id="shown">30 of 30<', done.stdout), "the script has not run"
    print("ok  the page works in Chromium under its policy")


def files_are_private(mediator):
    assert mediator.data.stat().st_mode & 0o777 == 0o700
    files = {file.name: file.stat().st_mode & 0o777 for file in mediator.data.iterdir()}
    assert set(files.values()) == {0o600} and "inventory.sqlite-wal" in files, files
    print(f"ok  {len(files)} files of the inventory have mode 0600, their folder 0700")


def errors_are_short():
    for name, text in [("one line", "{ a: \"" + "y" * 70_000 + "\", scrapers: { aws: { accounts: "
                        "[{ arn: nonsense, secretName: s }] } } }"),
                       ("a huge value", "scrapers:\n  aws:\n    accounts:\n      - arn: " +
                        "x" * 4_000_000 + "\n        secretName: s\n"),
                       ("escapes", "scrapers:\n  aws:\n    accounts:\n      - arn: \"" +
                        "\\e]0;owned\\a" * 1000 + "\"\n        secretName: s\n")]:
        (work / "odd.yaml").write_text(text)
        done = subprocess.run(
            [attache, "mediator", "--values", str(work / "odd.yaml"), "--secrets",
             str(work / "secrets.yaml"), "--token-file", str(work / "token"), "--once"],
            capture_output=True, timeout=60)
        assert done.returncode == 2, (name, done.returncode, done.stderr[:500])
        assert len(done.stderr) <= 4096, (name, len(done.stderr))
        assert not set(done.stderr) & set(b"\x1b\x07\x9b\r"), (name, done.stderr)
        print(f"ok  {name}: {len(done.stderr)} bytes of error, exit code 2")


def run():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Aws)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    configure()
    mediator = Mediator(endpoint, work / "data", "--allow-host", "attache.example")
    only_what_is_evident_is_believed(mediator)
    mediator.scraped_since(now())
    answers_to_its_own_hosts(mediator)
    wait_for("thirty resources", 30, lambda: len(mediator.ids()) == 30)
    page_works_under_its_policy(mediator)
    files_are_private(mediator)
    mediator.end()
    nothing_is_repeated(endpoint)
    an_endless_listing_is_bounded(endpoint)
    errors_are_short()


run_and_clean_up(run, work, started)
