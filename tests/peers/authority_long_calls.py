#!/usr/bin/env python3
"""Calls that need much work for a small answer: each request of a megabyte is answered or refused within a second
and a hundred megabytes, stops when its caller disconnects, and does not delay other callers.

    authority_long_calls.py PATH_OF_ATTACHE

Needs: pip install boto3. The limits are for a release build; a debug build gets DEBUG_FACTOR times as long.
"""

import json
import sys
import threading
import time
from pathlib import Path

from botocore.exceptions import ClientError, HTTPClientError

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import TARGET, Authority, case, finish

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
DEBUG_FACTOR = 6 if "/debug/" in ATTACHE else 1
MOST_SECONDS, MOST_MEGABYTES, MOST_WAIT = 1 * DEBUG_FACTOR, 100, 0.050 * DEBUG_FACTOR
AUTHORITY = Authority(ATTACHE)
IAM = AUTHORITY.client("iam", TARGET, read_timeout=120)


def memory(what="VmRSS"):
    for line in Path(f"/proc/{AUTHORITY.process.pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024


def settle():
    """Resets the peak of the resident memory."""
    Path(f"/proc/{AUTHORITY.process.pid}/clear_refs").write_text("5")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action="*", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def numbered(prefix, count):
    return [f"{prefix}{number}" for number in range(count)]


WIDE = policy(allow())
MANY = [policy(*[allow("s3:*", f"arn:aws:s3:::bucket{n}/*") for n in range(1500)]) for _ in range(3)]
STARS = policy(*[allow("s3:*", "arn:aws:s3:::" + "*a" * 500 + "b") for _ in range(100)])
VALUES = [{"ContextKeyName": "aws:PrincipalTag/k", "ContextKeyType": "stringList",
           "ContextKeyValues": ["a" * 50 + str(n) for n in range(4_000)]}]
WANTED = policy(allow("s3:*", Condition={"ForAllValues:StringLike": {
    "aws:PrincipalTag/k": ["*a" * 20 + str(n) for n in range(1_500)]}}))
KEYS = policy(*[allow("s3:*", Condition={"StringEquals": {f"aws:RequestTag/k{n}": "v"}}) for n in range(1_000)])
BUCKETS = numbered("arn:aws:s3:::bucket", 4_000)
LONG_CALLS = {
    "4,000 actions on 4,000 resources": lambda iam: iam.simulate_custom_policy(
        PolicyInputList=[WIDE], ActionNames=numbered("s3:Action", 4_000), ResourceArns=BUCKETS),
    "the same in a page of 1,000": lambda iam: iam.simulate_custom_policy(
        PolicyInputList=[WIDE], ActionNames=numbered("s3:Action", 4_000), ResourceArns=BUCKETS, MaxItems=1_000),
    "4,500 statements on 4,000 resources": lambda iam: iam.simulate_custom_policy(
        PolicyInputList=MANY, ActionNames=["s3:GetObject"], ResourceArns=BUCKETS),
    "patterns of a thousand characters": lambda iam: iam.simulate_custom_policy(
        PolicyInputList=[STARS] * 3, ActionNames=["s3:GetObject"],
        ResourceArns=["arn:aws:s3:::" + "a" * 2_000 + str(n) for n in range(40)]),
    "4,000 values against 1,500 patterns": lambda iam: iam.simulate_custom_policy(
        PolicyInputList=[WANTED], ActionNames=["s3:GetObject"], ContextEntries=VALUES),
    "a thousand keys missing on each of 4,000 resources": lambda iam: iam.simulate_custom_policy(
        PolicyInputList=[KEYS], ActionNames=["s3:GetObject"], ResourceArns=BUCKETS),
    "a principal's, 4,000 actions on 4,000 resources": lambda iam: iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{TARGET}:user/administrator",
        ActionNames=numbered("s3:Action", 4_000), ResourceArns=BUCKETS),
    "the keys of 4,500 statements": lambda iam: iam.get_context_keys_for_custom_policy(PolicyInputList=MANY),
    "a trust policy of 130,000 characters": lambda iam: iam.create_role(
        RoleName="Long", AssumeRolePolicyDocument=policy(*[
            {"Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "sts:AssumeRole"}] * 1_200)),
    "a policy of nothing but blanks": lambda iam: iam.create_policy(
        PolicyName="Long", PolicyDocument=" " * 131_000),
    "a role policy 120 arrays deep and wide": lambda iam: iam.put_role_policy(
        RoleName="Long", PolicyName="p", PolicyDocument='{"Statement":' + "[" * 120 + "[]," * 30_000),
    "ten thousand tags": lambda iam: iam.create_user(
        UserName="Long", Tags=[{"Key": f"k{n}", "Value": "v" * 90} for n in range(4_900)]),
}


def timed(call):
    """The time from the first byte sent to the last one received. boto3 needs more time to write and read a
    megabyte than the authority needs for the decision."""
    session, waits = IAM._endpoint.http_session, []
    send = session.send

    def stopwatch(request):
        begun = time.monotonic()
        try:
            return send(request)
        finally:
            waits.append(time.monotonic() - begun)

    session.send = stopwatch
    try:
        call(IAM)
        came = "answered"
    except ClientError as error:
        came = error.response["Error"]["Code"]
    finally:
        session.send = send
    return sum(waits), came


def each_alone():
    for name, call in LONG_CALLS.items():
        settle()
        before = memory()
        took, came = timed(call)
        more = memory("VmHWM") - before
        print(f"     {name}: {came} in {took:.2f} s and {more:.0f} MB")
        good = took < MOST_SECONDS and more < MOST_MEGABYTES and came not in ("500", "ServiceFailure")
        case(f"within a second and a hundred megabytes: {name}", good, (came, took, more))


def pages():
    """The pages have every item, and none twice."""
    actions = numbered("s3:Action", 60)
    told, more = [], {}
    for _ in range(400):
        page = IAM.simulate_custom_policy(PolicyInputList=[WIDE], ActionNames=actions, ResourceArns=BUCKETS[:100], **more)
        told += [result["EvalActionName"] for result in page["EvaluationResults"]]
        if not page["IsTruncated"]:
            break
        more = {"Marker": page["Marker"]}
    case("a simulation's pages have every action once", told == actions, (len(told), told[:3]))


def others_meanwhile():
    """GetCallerIdentity of one caller while 24 others make long calls."""
    end = time.monotonic() + 12
    heavy = list(LONG_CALLS.values())[:6]

    def ask_long(number):
        iam = AUTHORITY.client("iam", TARGET, read_timeout=120)
        while time.monotonic() < end:
            try:
                heavy[number % len(heavy)](iam)
            except ClientError:
                pass

    callers = [threading.Thread(target=ask_long, args=(number,), daemon=True) for number in range(24)]
    # Threads of this process would wait for each other and not for the authority. So they send one at a time,
    # and a separate process measures.
    import multiprocessing
    queue = multiprocessing.Queue()
    url, keys = AUTHORITY.url, AUTHORITY.keys(TARGET)
    measure = multiprocessing.Process(target=ask_short, args=(url, keys, 10, queue))
    for caller in callers:
        caller.start()
    time.sleep(1)
    measure.start()
    waits = sorted(queue.get(timeout=60))
    measure.join()
    for caller in callers:
        caller.join(120)
    p99 = waits[len(waits) * 99 // 100]
    print(f"     {len(waits)} short calls beside 24 long ones: median {waits[len(waits) // 2] * 1000:.1f} ms, "
          f"p99 {p99 * 1000:.1f} ms, worst {waits[-1] * 1000:.1f} ms; {memory('VmHWM'):.0f} MB at most")
    case("short calls do not wait for long calls", p99 < MOST_WAIT, p99)


def ask_short(url, keys, seconds, queue):
    import boto3
    from botocore.config import Config
    sts = boto3.client("sts", region_name="us-east-1", endpoint_url=url, aws_access_key_id=keys[0],
                       aws_secret_access_key=keys[1], config=Config(retries={"max_attempts": 0}))
    end, waits = time.monotonic() + seconds, []
    while time.monotonic() < end:
        begun = time.monotonic()
        sts.get_caller_identity()
        waits.append(time.monotonic() - begun)
        time.sleep(0.01)
    queue.put(waits)


def callers_who_leave():
    """A call whose caller disconnects leaves the queue, and its work stops."""
    def leave():
        iam = AUTHORITY.client("iam", TARGET, read_timeout=0.3)
        try:
            LONG_CALLS["4,500 statements on 4,000 resources"](iam)
        except (HTTPClientError, ClientError):
            pass

    leavers = [threading.Thread(target=leave) for _ in range(24)]
    for caller in leavers:
        caller.start()
    for caller in leavers:
        caller.join()
    took, came = timed(lambda iam: iam.get_context_keys_for_custom_policy(PolicyInputList=[WIDE]))
    case("calls do not wait for those of disconnected callers", took < MOST_SECONDS, (came, took))


each_alone()
pages()
others_meanwhile()
callers_who_leave()
finish()
