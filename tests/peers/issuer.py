#!/usr/bin/env python3
"""`attache issuer publish` to S3, which is moto's, read back with boto3; and `attache issuer serve` over TLS, asked by curl, openssl, `attache
issuer check` and the authority as AWS would. Keys are rotated with overlap, certificates without a restart.

    issuer.py PATH_OF_ATTACHE

Needs: pip install boto3 moto[server] cryptography; curl and openssl.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent / "lib"), str(ROOT / "tests/cluster/lib")]
from authority import SOURCE, STS, SUBJECT, Authority, Issuer, case, finish, refused  # noqa: E402
from https_site import certificate  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-issuer-")
FOLDER = Path(SCRATCH.name)
URL, HOST, BUCKET = "https://issuer.example/prod", "issuer.example", "issuers"
SECRET = "wJalrXUtnFEMI-not-in-any-output-EXAMPLE"
PEM = serialization.Encoding.PEM


def attache(*arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept |= {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run([ATTACHE, *(str(one) for one in arguments)], text=True, capture_output=True, env=kept | environment, timeout=60)
    return done.returncode, done.stdout, done.stderr


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.2)
    return False


def moto():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p", str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers():
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True
    atexit.register(process.kill)
    if not until(answers, 60):
        raise RuntimeError("moto did not start")
    return process, f"http://127.0.0.1:{port}"


def s3(first, second):
    process, url = moto()
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "eu-west-1"}
    client = boto3.client("s3", endpoint_url=url, region_name="eu-west-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key=SECRET)
    said = []

    def publish(*arguments, to=f"s3://{BUCKET}/clusters/prod", issuer=URL, **environment):
        code, out, problem = attache("issuer", "publish", "--issuer", issuer, "--out", to, "--output", "json", "--endpoint-url", url, *arguments, **(keys | environment))
        said.append(out + problem)
        return code, json.loads(out) if out else None, problem

    def stored(name):
        return client.get_object(Bucket=BUCKET, Key=f"clusters/prod/{name}")

    def ids():
        return [key["kid"] for key in json.load(stored("jwks.json")["Body"])["keys"]]
    code, _, problem = publish("--keys", first.jwks)
    case("a bucket that is not there is told", code == 3 and "NoSuchBucket" in problem and f"s3://{BUCKET}/" in problem, problem)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    code, told, problem = publish("--keys", first.jwks)
    case("the documents are written to S3", code == 0 and told["prefix"] == f"s3://{BUCKET}/clusters/prod", (told, problem))
    found = client.list_objects_v2(Bucket=BUCKET)["Contents"]
    case("these two and no other", sorted(one["Key"] for one in found) == ["clusters/prod/.well-known/openid-configuration", "clusters/prod/jwks.json"], found)
    document, own = stored(".well-known/openid-configuration"), json.loads(first.jwks.read_text())["keys"][0]["kid"]
    case("with their headers", {(one["ContentType"], one["CacheControl"]) for one in (document, stored("jwks.json"))} == {("application/json", "public, max-age=300")}, document)
    text = json.load(document["Body"])
    case("boto3 reads the issuer's document and keys", text["issuer"] == URL and text["jwks_uri"] == f"{URL}/jwks.json" and ids() == [own], text)
    code, _, problem = publish("--keys", second.jwks)
    case("a published key does not go unasked", code == 2 and own in problem and ids() == [own], problem)
    code, told, problem = publish("--keys", second.jwks, "--keep")
    new = json.loads(second.jwks.read_text())["keys"][0]["kid"]
    case("the new key comes beside the old one", code == 0 and set(ids()) == {own, new}, (told, problem))
    code, told, problem = publish("--keep", "--remove", own)
    case("the old one goes by its id", code == 0 and told["removed"] == [own] and ids() == [new], (told, problem))
    code, _, problem = publish("--keys", first.jwks, issuer="https://other.example")
    case("another issuer's prefix is left alone", code == 2 and ids() == [new] and "prefix" in problem, problem)
    code, _, problem = publish("--keys", first.jwks, to=f"s3://{BUCKET}", issuer="https://other.example")
    root = [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET)["Contents"] if not one["Key"].startswith("clusters/")]
    case("a bucket without a prefix", code == 0 and sorted(root) == [".well-known/openid-configuration", "jwks.json"], (root, problem))
    client.put_object(Bucket=BUCKET, Key="clusters/prod/jwks.json", Body=b"<html>")
    code, _, problem = publish("--keys", first.jwks)
    case("what is no key set there is not written over", code == 2 and "jwks.json" in problem and stored("jwks.json")["Body"].read() == b"<html>", problem)
    code, _, problem = publish("--keys", first.jwks, to="s3://Not_A_Bucket/x")
    case("what is no bucket's name", code == 2 and "s3://BUCKET/PREFIX" in problem, problem)
    code, _, problem = publish("--keys", first.jwks, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    case("no credentials", code == 3 and "could not read s3://" in problem, problem)
    process.terminate()
    process.wait(20)
    code, _, problem = publish("--keys", first.jwks)
    case("S3 away", code == 3 and "could not read s3://" in problem, problem)
    case("the secret key is in no output", SECRET not in "".join(said))


class Served:
    """`attache issuer serve` on loopback."""

    def __init__(self, site, chain, key):
        self.log = FOLDER / "serve.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([ATTACHE, "issuer", "serve", "--issuer", URL, "--folder", str(site), "--tls-cert", str(chain), "--tls-key", str(key),
                                             "--listen", "127.0.0.1:0", "--output", "json"], stdout=subprocess.PIPE, stderr=log, text=True)
        text = ""
        while not text.rstrip().endswith("}"):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(self.log.read_text())
            text += line
        self.told = json.loads(text)
        self.port = int(self.told["address"].rsplit(":", 1)[1])

    def curl(self, path, ca, *more):
        done = subprocess.run(["curl", "-sS", "-i", "--max-time", "10", "--cacert", str(ca), "--resolve", f"{HOST}:{self.port}:127.0.0.1", *more,
                               f"https://{HOST}:{self.port}{path}"], text=True, capture_output=True)
        head, _, body = done.stdout.replace("\r", "").partition("\n\n")
        return int(head.split()[1]) if head else 0, head.lower(), body + done.stderr

    def shown(self):
        """The serial number of the certificate that openssl is shown."""
        shown = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-servername", HOST], input="", text=True, capture_output=True)
        return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=shown.stdout, text=True, capture_output=True).stdout.strip()


def written(leaf, chain, key):
    """The pair in its files, the key first, as a renewal may leave them for a moment."""
    for path, text in ((key, leaf[1].private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())), (chain, leaf[0].public_bytes(PEM))):
        beside = path.with_suffix(".new")
        beside.write_bytes(text)
        beside.rename(path)


def served(first, second):
    site, chain, key, ca = FOLDER / "site", FOLDER / "chain.pem", FOLDER / "key.pem", FOLDER / "ca.pem"
    top = certificate("an authority")
    ca.write_bytes(top[0].public_bytes(PEM))
    written(certificate(HOST, top), chain, key)
    arguments = ("issuer", "serve", "--issuer", URL, "--folder", site, "--tls-key", key, "--listen", "127.0.0.1:0")
    code, _, problem = attache(*arguments, "--tls-cert", chain)
    case("a folder without documents is told, with the command that writes them", code == 2 and "attache issuer publish --issuer" in problem, problem)
    attache("issuer", "publish", "--issuer", URL, "--keys", first.jwks, "--out", site)
    (site / "sa.key").write_bytes(first.key.read_bytes())
    code, _, problem = attache(*arguments, "--tls-cert", first.jwks)
    case("a certificate that is none is told", code == 2 and "--tls-cert" in problem, problem)
    code, _, problem = attache("issuer", "serve", "--issuer", "https://other.example", "--folder", site, "--tls-cert", chain, "--tls-key", key, "--listen", "127.0.0.1:0")
    case("another issuer's folder is not served", code == 2 and URL in problem, problem)
    server = Served(site, chain, key)
    status, head, body = server.curl("/prod/.well-known/openid-configuration", ca)
    case("curl reads the discovery document", status == 200 and json.loads(body)["issuer"] == URL, (status, head, body))
    case("with its headers", "content-type: application/json" in head and "cache-control: public, max-age=300" in head, head)
    status, _, body = server.curl("/prod/jwks.json", ca)
    case("and the keys", status == 200 and json.loads(body) == json.loads((site / "jwks.json").read_text()), (status, body))
    for path in ("/", "/prod", "/prod/", "/jwks.json", "/prod/sa.key", "/prod/../prod/sa.key", "/prod/%2e%2e/sa.key", "/healthz"):
        status, _, body = server.curl(path, ca, "--path-as-is")
        case(f"nothing else: {path}", status == 404 and "PRIVATE" not in body, (status, body))
    case("nothing is written", server.curl("/prod/jwks.json", ca, "-X", "PUT", "-d", "x")[0] == 405)
    status, head, body = server.curl("/prod/jwks.json", ca, "--head")
    case("HEAD", status == 200 and "content-length" in head, (status, head, body))
    old = subprocess.run(["curl", "-sS", "--tls-max", "1.1", "--max-time", "10", "-k", f"https://127.0.0.1:{server.port}/"], capture_output=True)
    case("TLS 1.1 is refused", old.returncode != 0)
    plain = subprocess.run(["curl", "-sS", "--max-time", "10", f"http://127.0.0.1:{server.port}/prod/jwks.json"], capture_output=True)
    case("plain http is refused", plain.returncode != 0)
    address = f"{HOST}=127.0.0.1:{server.port}"
    code, out, problem = attache("issuer", "check", URL, "--issuer-address", address, "--issuer-ca", ca, "--allow-private-issuers", "--output", "json")
    case("attache issuer check accepts it", code == 0 and {line["status"] for line in json.loads(out)["checks"]} == {"ok"}, (out, problem))
    exchanged(first, second, site, ca, address)

    before = server.shown()
    written(certificate(HOST, top), chain, key)
    case("a renewed certificate is shown without a restart", until(lambda: server.shown() not in ("", before)), server.log.read_text())
    text = (site / "jwks.json").read_text()
    (site / "jwks.json").write_text("{}")
    time.sleep(4)
    case("a key set without keys changes nothing", server.curl("/prod/jwks.json", ca)[2] == text, server.curl("/prod/jwks.json", ca))
    case("and is logged once", server.log.read_text().count("the documents stay as they were") == 1, server.log.read_text())
    (site / "jwks.json").write_text(text)
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    case("connections that say nothing leave the others theirs", server.curl("/prod/jwks.json", ca)[0] == 200)
    for one in idle:
        one.close()
    server.process.send_signal(signal.SIGTERM)
    case("it ends at SIGTERM", server.process.wait(20) == 0)
    case("the private key is in no log", "PRIVATE" not in server.log.read_text())


def exchanged(first, second, site, ca, address):
    """The authority fetches the keys as STS does, through a rotation with overlap."""
    authority = Authority(ATTACHE, arguments=["--allow-private-issuers", "--issuer-ca", ca, "--issuer-address", address])
    iam = authority.client("iam", SOURCE)
    provider = iam.create_open_id_connect_provider(Url=URL, ClientIDList=[STS])["OpenIDConnectProviderArn"]
    iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{URL.removeprefix('https://')}:sub": SUBJECT}}}]}))

    def taken(issuer):
        try:
            return authority.assume("Reader", issuer.token(), account=SOURCE)["SubjectFromWebIdentityToken"] == SUBJECT
        except ClientError:
            return False
    case("a token is exchanged by the keys that are served", taken(first))
    refused("one of a key that is not published is not", lambda: authority.assume("Reader", second.token(), account=SOURCE), "InvalidIdentityToken")
    code, _, problem = attache("issuer", "publish", "--issuer", URL, "--keys", second.jwks, "--keep", "--out", site)
    case("a new key is published beside the first", code == 0, problem)
    time.sleep(4)
    case("tokens of both keys are exchanged, without a restart", until(lambda: taken(second), 30) and taken(first))
    case("the authority stops", authority.stop() == 0)


def main():
    issuers = []
    for name in ("first", "second"):
        (FOLDER / name).mkdir()
        issuers.append(Issuer(ATTACHE, FOLDER / name, URL))
    s3(*issuers)
    served(*issuers)
    finish()


main()
