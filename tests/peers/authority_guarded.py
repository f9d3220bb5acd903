#!/usr/bin/env python3
"""What the authority protects: its administration API behind a reverse proxy and from pages of other sites, its
data directory with planted files and a second process, the space of saved states, nearly correct signatures,
and tokens that are sent in the wrong place.

    authority_guarded.py PATH_OF_ATTACHE

Needs: pip install boto3.
"""

import http.client
import http.server
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from botocore.auth import S3SigV4QueryAuth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SUBJECT, TARGET, Authority, Issuer, case, finish, wait_for_events

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
AUTHORITY = Authority(ATTACHE)
ISSUER = Issuer(ATTACHE, AUTHORITY.scratch.name)


def ask(method, path, body=None, host=None, **headers):
    """Status and body of a request to this address."""
    link = http.client.HTTPConnection(host or AUTHORITY.url.removeprefix("http://"), timeout=60)
    link.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = link.getresponse()
    return answer.status, answer.read().decode()


def proxied(forwards):
    """The address of a reverse proxy on this machine, like an ingress or `caddy reverse-proxy`."""
    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            kept = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"} if forwards else {}
            length = int(self.headers.get("content-length") or 0)
            status, body = ask("POST", self.path, self.rfile.read(length), **kept)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_port}"


def administration():
    status, text = ask("POST", "/_attache/reset", host=proxied(True))
    case("a reset through a reverse proxy is refused", status == 403 and "proxy" in text, (status, text))
    for name, headers in [
        ("a form of another site", {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}),
        ("a link of another site", {"Sec-Fetch-Site": "cross-site"}),
        ("a page of the same site", {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}),
        ("DNS rebinding", {"Host": "evil.example:4599"}),
    ]:
        case(f"{name} resets nothing", ask("POST", "/_attache/reset", **headers)[0] == 403, name)
    case("a reset with curl from this machine is accepted", ask("POST", "/_attache/reset")[0] == 200)
    status, _ = ask("GET", "/healthz", Host="pod.example", X_Forwarded_For="203.0.113.7")
    case("/healthz answers for any host name", status == 200, status)


def files():
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in AUTHORITY.data.iterdir()}
    case("every file of the data directory has mode 0600", set(modes.values()) == {"0o600"}, modes)
    case("the directory has mode 0700", AUTHORITY.data.stat().st_mode & 0o777 == 0o700)

    def begin(folder):
        done = subprocess.run([ATTACHE, "authority", "--listen", "127.0.0.1:0", "--data", folder, "--account", TARGET],
                              capture_output=True, text=True, timeout=60)
        # Without the line breaks and bars of the terminal output.
        return done.returncode, "".join(done.stderr.replace("│", " ").split())
    key = AUTHORITY.data / "master.key"
    AUTHORITY.kill()
    key.chmod(0o644)
    code, said = begin(AUTHORITY.data)
    case("a key that others can read is refused", code != 0 and f"chmod600{key}" in said, said)
    key.chmod(0o600)
    for name in ("master.key", "credentials", "lock", "head", "journal.sqlite", "journal.sqlite-wal"):
        folder = Path(AUTHORITY.scratch.name) / f"planted-{name}"
        folder.mkdir()
        target = folder.parent / f"target-{name}"
        (folder / name).symlink_to(target)
        code, said = begin(folder)
        case(f"nothing is written through a symbolic link at {name}", code != 0 and not target.exists(), (code, said))
    AUTHORITY.start()
    (AUTHORITY.data / "lock").unlink()
    code, said = begin(AUTHORITY.data)
    case("a second process is refused although the lock file was removed", code != 0 and "inusebyanother" in said, said)


def saved_states():
    iam = AUTHORITY.client("iam", TARGET)
    trust = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "sts:AssumeRole"}}) + " " * 100_000
    for number in range(40):
        iam.create_role(RoleName=f"Wide{number}", AssumeRolePolicyDocument=trust)

    def resident():
        text = Path(f"/proc/{AUTHORITY.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) / 1024
    before = resident()
    told = [ask("POST", f"/_attache/snapshots/s{number}") for number in range(100)]
    more = resident() - before
    refused = [text for status, text in told if status == 409]
    print(f"     {100 - len(refused)} of 100 snapshots of a 4 MB state were kept; {more:.0f} MB more")
    case("a hundred saved states of 4 MB use bounded space", more < 150, more)
    case("a saved state beyond the limit is refused with the way to delete one", refused and "delete one with DELETE" in refused[0], refused[:1])
    for number in range(100):
        ask("DELETE", f"/_attache/snapshots/s{number}")
    case("after a delete another state can be saved", ask("POST", "/_attache/snapshots/again")[0] == 200)
    ask("POST", "/_attache/reset")


def presigned():
    access_key, secret = AUTHORITY.keys(TARGET)

    def send(expires, service="s3"):
        query = "?Action=GetCallerIdentity&Version=2011-06-15" if service == "sts" else ""
        request = AWSRequest("GET", f"{AUTHORITY.url}/{query}")
        signer = SigV4QueryAuth if service == "sts" else S3SigV4QueryAuth
        signer(Credentials(access_key, secret), service, "us-east-1", expires=expires).add_auth(request)
        return ask("GET", f"/?{urlsplit(request.url).query}")[0]
    case("a presigned URL of a minute is answered", send(60) == 200)
    for bad in ("+60", " 60", "60 ", "6e1", "60.0", "0", "-60", "604801", "0x3c", ""):
        case(f"X-Amz-Expires={bad!r} is refused", send(bad) in (400, 403), send(bad))
    # As on AWS: only S3 reads it. Terraform's EKS tokens have 0.
    for ignored in ("0", "60", "604801"):
        case(f"STS does not read X-Amz-Expires={ignored}", send(ignored, "sts") == 200, send(ignored, "sts"))


def tokens():
    """The token's signature must not appear anywhere."""
    token = ISSUER.token(SUBJECT)
    signature = token.rpartition(".")[2]
    role = f"arn:aws:iam::{TARGET}:role/Reader"
    base = {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": role, "RoleSessionName": "peer"}
    told = {}
    for name, more in [
        ("the session's name", {"RoleSessionName": token}), ("the role", {"RoleArn": token}),
        ("a role's path", {"RoleArn": f"arn:aws:iam::{TARGET}:role/{token}"}),
        ("the provider", {"ProviderId": token}), ("the policy", {"Policy": token}),
        ("a policy's ARN", {"PolicyArns.member.1.arn": token}), ("the duration", {"DurationSeconds": token}),
        ("a tag", {"Tags.member.1.Key": "k", "Tags.member.1.Value": token}), ("an unknown member", {"Token2": token}),
        ("a member's name", {token: "1"}), ("several values", {"A.member.1": token, "A.member.2": token}),
        ("the action", {"Action": token}), ("the version", {"Version": token}),
    ]:
        form = urlencode(base | {"WebIdentityToken": token} | more)
        told[name] = ask("POST", "/", form, Content_Type="application/x-www-form-urlencoded")
    form = urlencode(base)
    told["the client"] = ask("POST", "/", form, User_Agent=token)
    told["a header"] = ask("POST", "/", form, X_Token=token)
    told["a bearer"] = ask("POST", "/", form, Authorization=f"Bearer {token}")
    told["the path"] = ask("POST", f"/{token}", form)
    told["the query"] = ask("POST", f"/?x={token}", form)
    iam = AUTHORITY.client("iam", TARGET, parameter_validation=False, user_agent_extra=token)
    sts = AUTHORITY.client("sts", TARGET, parameter_validation=False)
    for name, call in [
        ("a role of IAM's", lambda: iam.get_role(RoleName=token)), ("a user", lambda: iam.get_user(UserName=token)),
        ("a document", lambda: iam.create_policy(PolicyName="p", PolicyDocument=token)),
        ("a name of a policy", lambda: iam.create_policy(PolicyName=token, PolicyDocument="{}")),
        ("an external id", lambda: sts.assume_role(RoleArn=role, RoleSessionName="p", ExternalId=token)),
        ("a source identity", lambda: sts.assume_role(RoleArn=role, RoleSessionName="p", SourceIdentity=token)),
        ("a key's id", lambda: sts.get_access_key_info(AccessKeyId=token)),
    ]:
        try:
            told[name] = (200, str(call()))
        except ClientError as error:
            told[name] = (400, str(error))
    for name, (_, text) in told.items():
        case(f"no answer repeats a token sent as {name}", signature not in text, text[:400])
    wait_for_events(AUTHORITY, lambda event: event.get("parameters", {}).get("accessKeyId") == "[hidden]")
    time.sleep(0.5)
    record = AUTHORITY.client("cloudtrail", TARGET).lookup_events()["Events"]
    case("CloudTrail has no token", record and signature not in json.dumps(record, default=str))
    AUTHORITY.stop()
    kept = [path.name for path in AUTHORITY.data.iterdir() if signature.encode() in path.read_bytes()]
    case("no file of the data directory contains a token", not kept, kept)


administration()
files()
saved_states()
presigned()
tokens()
finish()
