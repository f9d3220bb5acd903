#!/usr/bin/env python3
"""The output of `attache render`, read by a YAML parser, by bash, and by the `aws` command.

    render_hostile.py PATH_OF_ATTACHE

Needs: pip install pyyaml boto3 awscli. Every field of a federation is set to every hostile text.
Either it is refused with exit code 2 and nothing is written, or the output contains exactly that text. Then
the script runs with the real `aws` and `attache authority`, with names that begin with `-`, and boto3 reads
the result.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import Authority, case, finish

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-render-")
WORK = Path(SCRATCH.name)
SOURCE, TARGET = "111111111111", "222222222222"

HOSTILE = [
    "/x\n---\nkind: ClusterRoleBinding\n#/", "/x #y/", "/x\ty/", "/\0/", "/a: b/", "/'$(touch pwned)'/",
    "/;touch${IFS}pwned;/", "/`touch${IFS}pwned`/", "/\u0085/", "/\u2028/", "/é/", "/{{.Values.x}}/", "/&a/", "/*a/",
    "/!a/", "/%a/", "/|/", "/>/", "/\"/", "/\\/", "/~/", "x\nAWS_REGION: y", "--debug", "-x", "--", "-", "~", "=x", "null",
    "on", "no", "y", "1e3", "0x1f", "123", "1:30", "\x1b[2J", "\x9b31m", "\u202ex", "a'b\"c`d$e\\f", "https://a.example",
    "http://127.0.0.1:9/x", "file:///etc/passwd", "fileb://x", "[\"a\"]", "{}", "@x", "a,b=c", "a b", "a#b", " ", "",
]

BASE = {
    "name": "causely", "issuer": "https://issuer.example/id/A", "audience": "sts.amazonaws.com", "thumbprint": "ab" * 20,
    "namespace": "causely", "serviceAccount": "mediator", "sourcePath": "/", "role": "Target", "path": "/",
    "region": "us-east-1", "policy": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "boundary": "arn:aws:iam::aws:policy/PowerUserAccess", "inlineName": "inline", "value": "v",
    "tagKey": "team", "tagValue": "x", "organization": "o-pyxgi8opc5", "account": TARGET,
}


def federation(f):
    return {
        "apiVersion": "attache/v1", "kind": "Federation", "metadata": {"name": f["name"]},
        "spec": {
            "issuer": f["issuer"], "audience": f["audience"], "thumbprints": [f["thumbprint"]],
            "organization": {"id": f["organization"], "management": SOURCE},
            "workload": {"namespace": f["namespace"], "serviceAccount": f["serviceAccount"]},
            "source": {"account": SOURCE, "role": "Source", "path": f["sourcePath"]},
            "targets": [{
                "account": f["account"], "role": f["role"], "path": f["path"], "region": f["region"],
                "policies": [f["policy"]], "permissionsBoundary": f["boundary"],
                "inlinePolicies": {f["inlineName"]: document(f)}, "tags": {f["tagKey"]: f["tagValue"]},
            }],
        },
    }


def document(f):
    return {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestTag/x": f["value"]}}}}


def render(f, folder):
    return subprocess.run([ATTACHE, "render", "-f", "-", "--out", folder, "--quiet"], input=json.dumps(federation(f)),
                          capture_output=True, text=True)


# In bash, because Python needs a tenth of a second to start. Arguments cannot contain NUL.
RECORDER = r"""#!/bin/bash
printf '%%s\0' "$0" "$@" >>'%s'
printf '\n\0' >>'%s'
case " $* " in
  *" get-open-id-connect-provider "*) exit 1 ;;
  *" list-role-tags "*) echo NoSuchEntity >&2; exit 254 ;;
esac
"""


def recorded(folder):
    """Every command of the script, with the arguments that the program received."""
    log, bin_ = folder / "calls", folder / "bin"
    bin_.mkdir()
    for name in ("aws", "kubectl", "helm"):
        (bin_ / name).write_text(RECORDER % (log, log))
        (bin_ / name).chmod(0o755)
    subprocess.run(["bash", "-n", folder / "setup.sh"], check=True)
    done = subprocess.run(["bash", folder / "setup.sh"], capture_output=True, text=True,
                          env={"PATH": f"{bin_}:/usr/bin:/bin", "HOME": str(folder)})
    assert done.returncode == 0, done.stderr
    return [call.split("\0")[:-1] for call in log.read_text().split("\n\0")[:-1]]


def options(argv):
    """The options as argparse reads them: `--name value` or `--name=value`; a separate value cannot begin with `-`."""
    found, rest = {}, argv[1:]
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            continue
        assert word.startswith("--") and len(word) > 2, f"{word!r} is read as an option in {argv}"
        name, equals, value = word[2:].partition("=")
        if not equals:
            value = rest.pop(0) if rest and not rest[0].startswith("-") else None
        assert name not in found, f"--{name} twice in {argv}"
        found[name] = value
    return found


KNOWN = {"profile", "url", "client-id-list", "thumbprint-list", "tags", "open-id-connect-provider-arn", "role-name", "path", "region", "query", "output",
         "assume-role-policy-document", "description", "permissions-boundary", "policy-arn", "policy-name", "policy-document"}


def listed(value):
    return json.loads(value) if value.startswith("[") else [value]


def policy(given, partition):
    return given if given.startswith("arn:") else f"arn:{partition}:iam::aws:policy/{given}"


def check(f, folder):
    partition = "aws-cn" if f["region"].startswith("cn-") else "aws"
    arn = f"arn:{partition}:iam::{f['account']}:role{f['path']}{f['role']}"
    [secret] = list(yaml.safe_load_all((folder / "aws-secret.yaml").read_text()))
    assert secret == {
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": "aws-secret", "namespace": f["namespace"]},
        "stringData": {"AWS_REGION": f["region"], "AWS_ROLE_ARN": arn}}, secret
    [values_file] = [p for p in folder.iterdir() if p.name.endswith("-values.yaml")]
    [values] = list(yaml.safe_load_all(values_file.read_text()))
    assert values == {
        "mediator": {"serviceAccountAnnotations": {
            "eks.amazonaws.com/role-arn": f"arn:{partition}:iam::{SOURCE}:role{f['sourcePath']}Source"}},
        "scrapers": {"aws": {"enabled": True, "accounts": [{
            "arn": f"arn:{partition}:organizations::{SOURCE}:account/{f['organization']}/{f['account']}",
            "secretName": "aws-secret"}]}}}, values
    key = f["issuer"].removeprefix("https://")
    for name in ("source-trust.json", "target-trust.json"):
        trust = json.loads((folder / name).read_text())
        assert trust["Statement"][0]["Condition"]["StringEquals"] == {
            f"{key}:sub": f"system:serviceaccount:{f['namespace']}:{f['serviceAccount']}", f"{key}:aud": f["audience"]}
    calls = recorded(folder)
    aws = [options(argv) for argv in calls if argv[0].endswith("/aws")]
    assert all(set(call) <= KNOWN for call in aws), aws
    providers = [call for call in aws if "url" in call]
    assert len(providers) == 2 and all(call["url"] == f["issuer"] for call in providers)
    assert all(listed(call["client-id-list"]) == [f["audience"]] for call in providers)
    assert all(listed(call["thumbprint-list"]) == [f["thumbprint"]] for call in providers)
    source, target = [call for call in aws if "assume-role-policy-document" in call]
    assert (source["role-name"], source.get("path", "/")) == ("Source", f["sourcePath"])
    assert (target["role-name"], target.get("path", "/")) == (f["role"], f["path"])
    assert target["permissions-boundary"] == policy(f["boundary"], partition)
    assert {tag["Key"]: tag["Value"] for tag in json.loads(target["tags"])} == {
        "attache:federation": f["name"], f["tagKey"]: f["tagValue"]}
    [attached] = [call for call in aws if "policy-arn" in call]
    assert (attached["role-name"], attached["policy-arn"]) == (f["role"], policy(f["policy"], partition))
    [inline] = [call for call in aws if "policy-name" in call]
    assert (inline["role-name"], inline["policy-name"]) == (f["role"], f["inlineName"])
    assert json.loads(inline["policy-document"]) == document(f)
    kubectl = [argv[1:] for argv in calls if argv[0].endswith("/kubectl")]
    assert kubectl == [["apply", "-f", "aws-secret.yaml"]], kubectl
    assert not list(WORK.rglob("pwned")), "a command of the file was run"


def every_field():
    taken = refused = 0
    for field in BASE:
        for text in HOSTILE:
            f = BASE | {field: text}
            folder = WORK / f"{field}-{taken + refused}"
            done = render(f, folder)
            if done.returncode == 0:
                check(f, folder)
                taken += 1
            else:
                assert done.returncode == 2 and not folder.exists(), (field, text, done)
                assert "panicked" not in done.stderr and "\x1b" not in done.stderr, (field, text, done.stderr)
                refused += 1
    return taken, refused


def by_the_real_aws():
    authority = Authority(ATTACHE)
    wanted = BASE | {"role": "-Target", "path": "/-x/$(id)/", "audience": "https://kubernetes.default.svc",
                     "name": "-team/x", "inlineName": "--debug", "value": "it's \"a\" $b\n\u009b\u202e{x}",
                     "tagKey": "-k", "tagValue": "-v w", "boundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    folder = WORK / "real"
    done = render(wanted, folder)
    assert done.returncode == 0, done.stderr
    shim = WORK / "shim"
    shim.mkdir()
    (shim / "kubectl").write_text("#!/bin/sh\nexit 0\n")
    (shim / "kubectl").chmod(0o755)
    environment = authority.environment(AWS_ENDPOINT_URL=authority.url)
    environment["PATH"] = f"{shim}:{os.environ['PATH']}"
    done = subprocess.run(["bash", folder / "setup.sh"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    iam = authority.client("iam", TARGET)
    role = iam.get_role(RoleName="-Target")["Role"]
    assert role["Path"] == wanted["path"], role
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {"attache:federation": "-team/x", "-k": "-v w"}
    assert iam.get_role_policy(RoleName="-Target", PolicyName="--debug")["PolicyDocument"] == document(wanted)
    provider = iam.get_open_id_connect_provider(
        OpenIDConnectProviderArn=f"arn:aws:iam::{TARGET}:oidc-provider/issuer.example/id/A")
    assert provider["ClientIDList"] == ["https://kubernetes.default.svc"], provider
    attached = iam.list_attached_role_policies(RoleName="-Target")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [wanted["policy"]]
    authority.stop()


taken, refused = every_field()
case(f"every field with every hostile text is refused ({refused}) or reads back in YAML, JSON and bash ({taken})",
     taken > 100 and refused > 100)
by_the_real_aws()
case("the real aws creates exactly what the file has, with names that begin with -", True)
finish()
