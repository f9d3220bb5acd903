#!/usr/bin/env python3
"""Hostile callers with raw sockets: each gets a clean error or a closed connection, memory stays bounded, and
other callers are served meanwhile.

    authority_hostile.py PATH_OF_ATTACHE

Needs: pip install boto3; several thousand file descriptors.
"""

import json
import resource
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import TARGET, Authority, case, finish

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
WANTED = 10_000
SOFT, HARD = resource.getrlimit(resource.RLIMIT_NOFILE)
# The usual limit of a shell, which the authority must raise itself.
resource.setrlimit(resource.RLIMIT_NOFILE, (min(HARD, 1_024), HARD))
AUTHORITY = Authority(ATTACHE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(HARD, WANTED + 2_000), HARD))
IDLE = min(WANTED, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 1_000)
HOST, PORT = AUTHORITY.url.removeprefix("http://").split(":")
FORM = "content-type: application/x-www-form-urlencoded\r\n"


def connect():
    return socket.create_connection((HOST, int(PORT)), timeout=40)


def say(head, body=b"", wait=True):
    """Sends raw bytes; returns status and body, or None and the rest if the connection just ends."""
    with connect() as link:
        try:
            link.sendall(head.encode() + body)
        except OSError:
            pass
        got = b""
        try:
            while wait and (more := link.recv(65536)):
                got += more
        except OSError:
            pass
    status = int(got.split(b" ")[1]) if got.startswith(b"HTTP/1.1 ") else None
    return status, got.partition(b"\r\n\r\n")[2].decode(errors="replace")


def post(body, headers="", length=None):
    body = body if isinstance(body, bytes) else body.encode()
    length = len(body) if length is None else length
    return say(f"POST / HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n", body)


def memory():
    for line in Path(f"/proc/{AUTHORITY.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def served(name):
    begun = time.monotonic()
    arn = AUTHORITY.client("sts", TARGET).get_caller_identity()["Arn"]
    took = time.monotonic() - begun
    case(f"{name}: other callers are served", arn.endswith("user/administrator") and took < 2, took)


def bodies():
    status, text = post("a=" + "x" * 2_000_000, FORM)
    case("a body of two megabytes", (status, "RequestEntityTooLarge" in text) == (413, True), (status, text[:200]))
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    status, text = say(f"POST / HTTP/1.1\r\nhost: {HOST}\r\n{FORM}transfer-encoding: chunked\r\n\r\n", chunk * 40)
    case("a larger body in chunks, without a length", status == 413, (status, text[:200]))
    status, _ = post("Action=GetCallerIdentity", FORM, length=10**15)
    case("a content length of a petabyte", status == 413, status)
    many = "Action=AssumeRoleWithWebIdentity&" + "&".join(f"T.member.{n}.K=1" for n in range(50_000))
    status, text = post(many[:1_000_000], FORM)
    case("tens of thousands of parameters", status == 400, (status, text[:300]))
    status, text = post("Action=GetCallerIdentity&Action=AssumeRole", FORM)
    case("a duplicate parameter", status == 400, (status, text[:300]))
    status, text = post(b"Action=\xff\xfe", FORM)
    case("a body that is not UTF-8", status == 400, (status, text[:300]))
    status, text = post("Action=%zz", FORM)
    case("an invalid escape", status in (400, 403), (status, text[:300]))
    status, text = post("Tags.member.999999999.Key=a&Action=TagRole", FORM)
    case("a list index with a large gap", status in (400, 403), (status, text[:300]))
    headers = "x-amz-target: AWSOrganizationsV20161128.ListAccounts\r\ncontent-type: application/x-amz-json-1.1\r\n"
    status, text = post('{"a":' + "[" * 200_000, headers)
    case("JSON two hundred thousand deep", status == 400 and "SerializationException" in text, (status, text[:300]))
    status, text = post('{"a":1,', headers)
    case("truncated JSON", status == 400, (status, text[:300]))


def heads():
    status, _ = say(f"GET /{'a' * 200_000} HTTP/1.1\r\nhost: {HOST}\r\n\r\n")
    case("a path of 200 kilobytes", status in (400, 414, 431, None), status)
    lines = "".join(f"x-{n}: {'v' * 100}\r\n" for n in range(2_000))
    status, _ = say(f"GET / HTTP/1.1\r\nhost: {HOST}\r\n{lines}\r\n")
    case("two thousand headers", status in (400, 431, None), status)
    status, _ = say("\x00\x01\x02 nothing like HTTP\r\n\r\n")
    case("a request that is not HTTP", status in (400, None), status)
    signed = "authorization: AWS4-HMAC-SHA256 Credential=" + "A/" * 3_000 + ", SignedHeaders=, Signature=\r\n"
    status, text = post("Action=ListRoles&Version=2010-05-08", FORM + signed)
    case("a malformed signature", status in (400, 403), (status, text[:300]))


def slow():
    link = connect()
    link.sendall(f"POST / HTTP/1.1\r\nhost: {HOST}\r\n{FORM}content-length: 100\r\n\r\nAction=".encode())
    served("an incomplete body")
    begun = time.monotonic()
    got = link.recv(65536)
    case("an incomplete body times out after 20 seconds", b"408" in got.split(b"\r\n")[0] and b"RequestTimeout" in got
         and 15 < time.monotonic() - begun < 25, got[:200])
    link.close()


def idle():
    before = memory()
    links = [connect() for _ in range(IDLE)]
    half = links[:IDLE // 2]
    for link in half:
        link.sendall(f"POST / HTTP/1.1\r\nhost: {HOST}\r\n".encode())
    served(f"{IDLE:,} idle connections, half of them half a request")
    after = memory()
    print(f"     {before:.0f} MB before, {after:.0f} MB with them: {(after - before) * 1024 / IDLE:.1f} KB each")
    case("a connection costs less than 64 KB", (after - before) * 1024 / IDLE < 64, (before, after))
    for link in links:
        link.close()
    served("after they disconnected")


bodies()
heads()
served("after all hostile requests")
idle()
slow()
case("memory is bounded", memory() < 400, memory())
case("SIGTERM still ends it with exit code 0", AUTHORITY.stop() == 0)
finish()
