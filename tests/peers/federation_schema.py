#!/usr/bin/env python3
"""`attache schema` with Python's jsonschema: it takes the files that the reader takes, and refuses those that it refuses
wherever a schema can say why. `attache init` writes files that both take.

    federation_schema.py PATH_OF_ATTACHE [PART_OF_A_FUNCTION'S_NAME]

Needs: pip install jsonschema pyyaml.
"""

import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import yaml

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import case, run
from rendered import federation

ROOT = Path(__file__).resolve().parents[2]
ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCHEMA = json.loads(subprocess.run([ATTACHE, "schema"], check=True, capture_output=True, text=True).stdout)
jsonschema.Draft7Validator.check_schema(SCHEMA)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
ALLOW = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
REMOVED = object()


def takes(content):
    """Whether the schema and the reader take it, and what they say."""
    errors = [error.message for error in VALIDATOR.iter_errors(content)]
    done = subprocess.run([ATTACHE, "render", "-f", "-", "--output", "json"], input=json.dumps(content), capture_output=True, text=True)
    assert done.returncode in (0, 2), done
    return not errors, done.returncode == 0, errors[:1] + [done.stderr]


def changed(mode, path, value):
    """The federation with one key set or removed; `path` is its keys, a number an index."""
    content = copy.deepcopy(federation(mode))
    at = content
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in parents:
        at = at[key]
    if value is REMOVED:
        del at[last]
    else:
        at[last] = value
    return content


GOOD = [
    ("spec.audience", "sts.amazonaws.com"), ("spec.audience", ["sts.amazonaws.com", "pods.eks.amazonaws.com"]),
    ("spec.thumbprints", ["aB" * 20]), ("spec.thumbprints", []), ("spec.mode", "direct"),
    ("spec.issuer", "https://issuer.example"), ("spec.issuer", "https://issuer.example/a_b/~c%20,;=@:!$&'()*+"),
    ("spec.organization", {"id": "o-pyxgi8opc5", "management": "111111111111"}),
    ("spec.workload.serviceAccount", "a.b-c.1"), ("spec.workload.namespace", "1"), ("metadata.name", "é.:/=+-@_"),
    ("spec.source.path", "/"), ("spec.source.path", "/!#$%&'*+,;=?[]{}|~/x/"), ("spec.source.role", "_+=,.@-"),
    ("spec.targets.0.region", "ap-southeast-7"), ("spec.targets.0.region", "mx-central-12"), ("spec.targets.0.policies", []),
    ("spec.targets.0.policies", ["service-role/AWSLambdaBasicExecutionRole", "arn:aws:iam::222222222222:policy/a/b/Own"]),
    ("spec.targets.0.permissionsBoundary", None), ("spec.targets.0.maxSessionDuration", None), ("spec.targets.0.description", None),
    ("spec.targets.0.maxSessionDuration", 43200), ("spec.targets.0.inlinePolicies", {"own": json.dumps(ALLOW)}),
    ("spec.targets.0.trustStatements", [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]),
    ("spec.targets.0.keep", {"policies": ["SecurityAudit"], "inlinePolicies": ["guard"], "permissionsBoundary": "ReadOnlyAccess",
                             "trustConditions": ["aws:SourceIp"], "trustDenies": True}),
    ("spec.targets.0.tags", {"a b": "", "é": "x"}),
    ("spec.targets.0.access", {"catalog": "all"}), ("spec.targets.0.access", {"catalog": ["s3:bucket", "ec2:instance"]}),
    ("spec.targets.0.workloads", ["causely/causely-mediator"]),
]
# What a schema can say: both refuse it.
BAD = [
    ("apiVersion", "attache/v2"), ("kind", "Secret"), ("kind", REMOVED), ("metadata", {}), ("metadata.name", ""), ("metadata.name", "a b"),
    ("metadata.labels", {}), ("status", {}), ("spec.polices", []), ("spec.mode", "chainned"), ("spec.mode", "podidentity"),
    ("spec.issuer", REMOVED), ("spec.issuer", "http://issuer.example"), ("spec.issuer", "https://issuer.example:443/a"),
    ("spec.issuer", "https://issuer.example/a?b"), ("spec.issuer", "https://"), ("spec.issuer", "https://a/" + "b" * 250),
    ("spec.issuer", "https://oidc.eks.region-code.amazonaws.com/id/A"), ("spec.cluster", {"name": "prod", "region": "us-east-1"}),
    ("spec.audience", ""), ("spec.audience", []), ("spec.audience", ["a", "a"]), ("spec.audience", "a b"), ("spec.audience", "${x}"),
    ("spec.audience", "a" * 256), ("spec.audience", {}), ("spec.thumbprints", ["aabb"]), ("spec.thumbprints", ["a" * 40] * 6),
    ("spec.organization", {"id": "r-abcd", "management": "111111111111"}), ("spec.organization", {"id": "o-pyxgi8opc5"}),
    ("spec.workload", REMOVED), ("spec.workload.namespace", "Causely"), ("spec.workload.namespace", "a" * 64),
    ("spec.workload.namespace", "a.b"), ("spec.workload.serviceAccount", "-a"), ("spec.workload.serviceAccount", "a..b"),
    ("spec.workload.serviceAccount", REMOVED), ("spec.source", REMOVED), ("spec.source.account", "11111111111"),
    ("spec.source.role", "a b"), ("spec.source.role", "a" * 65), ("spec.source.role", ""), ("spec.source.region", "us-east-1"),
    ("spec.source.path", "team"), ("spec.source.path", "//"), ("spec.source.path", "/é/"), ("spec.source.path", "/a b/"),
    ("spec.targets", []), ("spec.targets", REMOVED), ("spec.targets.0.account", REMOVED), ("spec.targets.0.region", REMOVED),
    ("spec.targets.0.region", "region-code"), ("spec.targets.0.region", "us-east"), ("spec.targets.0.region", "US-EAST-1"),
    ("spec.targets.0.policies", "ReadOnlyAccess"), ("spec.targets.0.policies", ["a b"]), ("spec.targets.0.policies", [""]),
    ("spec.targets.0.policies", ["ReadOnlyAccess"] * 2), ("spec.targets.0.policies", ["arn:aws:iam::222222222222:role/X"]),
    ("spec.targets.0.policies", [f"P{n}" for n in range(26)]), ("spec.targets.0.permissionsBoundary", "a b"),
    ("spec.targets.0.maxSessionDuration", 60), ("spec.targets.0.maxSessionDuration", 43201), ("spec.targets.0.maxSessionDuration", "1h"),
    ("spec.targets.0.description", ""), ("spec.targets.0.description", "x" * 1001), ("spec.targets.0.inlinePolicies", {"a/b": ALLOW}),
    ("spec.targets.0.inlinePolicies", {"own": []}), ("spec.targets.0.inlinePolicies", [ALLOW]), ("spec.targets.0.trustStatements", {}),
    ("spec.targets.0.keep", {"trustDeny": True}), ("spec.targets.0.keep", {"trustConditions": ["SourceIp"]}),
    ("spec.targets.0.keep", {"trustDenies": "often"}), ("spec.targets.0.tags", {"aws:x": "y"}), ("spec.targets.0.tags", {"Attache:x": "y"}),
    ("spec.targets.0.tags", {"x": "y" * 257}), ("spec.targets.0.tags", {"x" * 129: "y"}),
    ("spec.targets.0.access", {}), ("spec.targets.0.access", {"catalog": "some"}), ("spec.targets.0.access", {"catalog": []}),
    ("spec.targets.0.access", {"catalog": ["bucket"]}), ("spec.targets.0.workloads", []),
    ("spec.targets.0.organization", {}), ("spec.clusters", [{"name": "a", "issuer": "https://issuer.example"}]),
    ("spec.workloads", [{"namespace": "a", "serviceAccount": "b"}]),
]
BAD_PODS = [
    ("spec.cluster", REMOVED), ("spec.cluster", {"name": "prod"}), ("spec.cluster.name", "-prod"), ("spec.cluster.name", "a" * 101),
    ("spec.cluster.name", "arn:aws:eks:us-east-1:111111111111:cluster/prod"), ("spec.cluster.account", "1"),
    ("spec.issuer", "https://issuer.example"), ("spec.audience", "sts.amazonaws.com"), ("spec.thumbprints", []), ("spec.mode", "direct"),
]
# What only the reader can say.
BEYOND = [
    ("spec.targets.0.account", "111111111111", "spec.targets.0.role", "CauselyMediation"),
    ("spec.targets.0.policies", ["arn:aws:iam::333333333333:policy/X"]), ("spec.targets.0.policies", ["ReadOnlyAccess", "readonlyaccess"]),
    ("spec.targets.0.inlinePolicies", {"own": "{"}),
    ("spec.targets.0.inlinePolicies", {"own": {"Statement": {"Effect": "Allowed", "Action": "*", "Resource": "*"}}}),
    ("spec.targets.0.trustStatements", [{"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*"}]),
]


def examples():
    for file in sorted((ROOT / "examples").glob("federation*.yaml")):
        content = yaml.safe_load(file.read_text())
        errors = [error.message for error in VALIDATOR.iter_errors(content)]
        done = subprocess.run([ATTACHE, "render", "-f", file], capture_output=True)
        case(f"{file.name}: both take it", not errors and done.returncode in (0, 3), (errors, done.stderr))


def good_files():
    for mode in ("direct", "podIdentity"):
        schema, reader, why = takes(federation(mode))
        case(f"{mode}: both take it", schema and reader, why)
    for path, value in GOOD:
        schema, reader, why = takes(changed("direct", path, value))
        case(f"both take {path}: {str(value)[:60]}", schema and reader, why)


def bad_files():
    for mode, table in (("direct", BAD), ("podIdentity", BAD_PODS)):
        for path, value in table:
            schema, reader, why = takes(changed(mode, path, value))
            shown = "nothing" if value is REMOVED else str(value)[:60]
            case(f"{mode}: both refuse {path}: {shown}", not schema and not reader, (schema, reader, why))


def beyond_a_schema():
    for path, value, *more in BEYOND:
        content = changed("direct", path, value)
        if more:
            content["spec"]["targets"][0]["role"] = more[1]
        schema, reader, why = takes(content)
        case(f"the reader alone refuses {path}: {str(value)[:60]}", schema and not reader, (schema, reader, why))


def new_files():
    """What `attache init` writes, in both modes."""
    with tempfile.TemporaryDirectory() as scratch:
        def init(*words):
            return subprocess.run([ATTACHE, "init", "--namespace", "causely", "--service-account", "reader", "--source",
                                   "111111111111/CauselyMediation", *words], cwd=scratch, capture_output=True, text=True)
        file, target = Path(scratch) / "federation.yaml", ("--target", "222222222222/CauselyAccess/us-east-1")
        for name, words in (("a cluster of EKS", ("--cluster", "us-east-1/prod")), ("an issuer", ("--issuer", "https://issuer.example/a"))):
            done = init(*words, *target, "--target", "033333333333/Reader/eu-west-1", "--schema", "--force")
            case(f"init with {name}", done.returncode == 0, done.stderr)
            schema, reader, why = takes(yaml.safe_load(file.read_text()))
            case(f"init with {name}: both take it", schema and reader, why)
        first = file.read_text().splitlines()[0]
        case("its first line names the schema for editors", first == "# yaml-language-server: $schema=federation.schema.json", first)
        beside = json.loads((Path(scratch) / "federation.schema.json").read_text())
        case("which is beside it", beside == SCHEMA)
        before = file.read_text()
        done = init("--cluster", "us-east-1/prod", *target)
        case("nothing is replaced without --force", done.returncode == 2 and file.read_text() == before, (done.returncode, done.stderr))
        done = init("--issuer", "https://oidc.eks.eu-west-1.amazonaws.com/id/A", *target, "--force")
        case("an issuer of EKS: Pod Identity is offered", "--cluster eu-west-1/NAME" in done.stderr
             and file.read_text().index("mode: podIdentity") < file.read_text().index("issuer: https"), done.stderr)
        for words in ((), ("--cluster", "prod"), ("--cluster", "us-east-1/a b"), ("--issuer", "http://x"),
                      ("--cluster", "us-east-1/prod", "--issuer", "https://x"), ("--issuer", "https://x", "--name", "a\nb: c"),
                      ("--issuer", "https://x", "--policy", "a b")):
            done = init(*words, *target, "--out", "other.yaml")
            case(f"init refuses {words}", done.returncode == 2 and not (Path(scratch) / "other.yaml").exists(), done.stderr)


run([examples, good_files, bad_files, beyond_a_schema, new_files])
