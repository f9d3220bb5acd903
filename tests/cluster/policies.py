#!/usr/bin/env python3
"""The admission policies of `attache render kubernetes`: their shape by Kubernetes' schemas, and what they do to the
pods of the folder `pods`, by a CEL library. Needs no cluster.

    policies.py PATH_OF_ATTACHE

Needs: pip install cel-python kubernetes-validate pyyaml.
"""

import copy
import json
import subprocess
import sys
import time
from pathlib import Path

import kubernetes_validate
import yaml

sys.path[:0] = [str(Path(__file__).parent / "lib"), str(Path(__file__).parents[1] / "peers" / "lib")]
from authority import case, finish  # noqa: E402
from policies import Policy  # noqa: E402
from table import PODS, complete, expected  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
# The first version that has the kind in admissionregistration.k8s.io/v1.
SINCE = {"ValidatingAdmissionPolicy": 30, "ValidatingAdmissionPolicyBinding": 30,
         "MutatingAdmissionPolicy": 36, "MutatingAdmissionPolicyBinding": 36}
NEWEST = 37


def rendered(*arguments):
    done = subprocess.run([ATTACHE, "render", "kubernetes", *arguments], text=True, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def policies(*arguments):
    """The policies by name, each with its binding."""
    code, text, problem = rendered(*arguments)
    if code:
        raise RuntimeError(problem)
    documents = list(yaml.safe_load_all(text))
    bindings = {one["spec"]["policyName"]: one for one in documents if one["kind"].endswith("Binding")}
    return {one["metadata"]["name"]: Policy(one, bindings[one["metadata"]["name"]])
            for one in documents if not one["kind"].endswith("Binding")}


def shapes():
    for action in ("deny", "warn", "audit"):
        _, text, _ = rendered("--injector", "policy", "--gate", action, "--region", "eu-west-1", "--service-account-label", "aws=true")
        for document in yaml.safe_load_all(text):
            for minor in range(SINCE[document["kind"]], NEWEST + 1):
                try:
                    kubernetes_validate.validate(document, f"1.{minor}", strict=True)
                    problem = None
                except Exception as error:  # noqa: BLE001
                    problem = str(error)[:300]
                name = f"{action}: {document['kind']} {document['metadata']['name']} in 1.{minor}"
                if problem or minor == NEWEST:
                    case(name, problem is None, problem)
    actions = {action: {name: one.binding["validationActions"] for name, one in policies("--gate", action).items()}
               for action in ("deny", "warn", "audit")}
    case("the actions of each gate", actions == {
        "deny": {"attache-gate": ["Deny", "Audit"], "attache-role-arn": ["Warn", "Audit"]},
        "warn": {"attache-gate": ["Warn", "Audit"], "attache-role-arn": ["Warn", "Audit"]},
        "audit": {"attache-gate": ["Audit"], "attache-role-arn": ["Audit"]}}, actions)
    gate = policies("--gate", "deny")["attache-gate"]
    case("the gate leaves kube-system alone", "kube-system" in json.dumps(gate.binding["matchResources"]))
    for wrong in [(), ("--gate", "x"), ("--region", "eu-west-1"), ("--gate", "deny", "--annotation-domain", "a'b")]:
        code, _, problem = rendered(*wrong)
        case(f"refused: {' '.join(wrong) or 'nothing'}", code == 2, problem)


def account(row):
    return {"metadata": {"name": "mediator", "namespace": "causely"} | row.get("account", {})}


def comparable(pod):
    """A pod, in which the order of variables, mounts and volumes does not count, and what is empty is absent."""
    pod = copy.deepcopy(pod)
    for one in [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]:
        for name in ("env", "volumeMounts"):
            one[name] = sorted(one.get(name, []), key=json.dumps)
    pod["spec"]["volumes"] = sorted(pod["spec"].get("volumes", []), key=json.dumps)
    return pod


def injected():
    rows = yaml.safe_load((PODS / "injected.yaml").read_text())
    made = {}
    for row in rows:
        arguments = ("--injector", "policy", *(["--region", row["region"]] if "region" in row else []))
        policy = made.setdefault(arguments, policies(*arguments)["attache-injector"] if arguments not in made else None)
        others = [{"metadata": {"name": "other", "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::999999999999:role/Other"}}}]
        pod = complete(row.get("pod", {}))
        once = policy.mutate(pod, [*others, account(row)])
        wanted = expected(row.get("pod", {}), row)
        case(f"injected: {row['name']}", comparable(once) == comparable(wanted), (once, wanted))
        twice = policy.mutate(once, [*others, account(row)])
        case(f"injected, a second pass adds nothing: {row['name']}", comparable(once) == comparable(twice), twice)
    case("injected: rows", len(rows) >= 40, len(rows))


def gated():
    gate = policies("--gate", "deny")
    injector = policies("--injector", "policy")["attache-injector"]
    for row in yaml.safe_load((PODS / "gated.yaml").read_text()):
        pod, accounts = complete(row.get("pod", {})), [account(row)]
        said = gate["attache-gate"].objections(pod, accounts)
        wanted = row["says"]
        good = not said if wanted is None else len(said) == 1 and all(word in said[0] for word in wanted)
        case(f"gate: {row['name']}", good, said)
        after = gate["attache-gate"].objections(injector.mutate(pod, accounts), accounts)
        case(f"gate, once injected: {row['name']}", bool(after) == row.get("also_injected", False), after)
    for row in yaml.safe_load((PODS / "role_arns.yaml").read_text()):
        for arn in row["arns"]:
            thing = account({"account": {"annotations": {"eks.amazonaws.com/role-arn": arn}}})
            said = gate["attache-role-arn"].objections(thing, [None])
            case(f"role ARN {arn!r}", bool(said) != row["good"], said)


def chains():
    """What the gate says of a chain as its service account is written: once, and of a role of its own besides."""
    policy = policies("--gate", "warn")["attache-role-arn"]
    for row in yaml.safe_load((PODS / "chains.yaml").read_text()):
        role = {"eks.amazonaws.com/role-arn": row["role"]} if "role" in row else {}
        for chain in row["chains"]:
            thing = account({"account": {"annotations": role | {"attache.dev/chain": chain}}})
            said = [one for one in policy.objections(thing, [None]) if "annotation attache.dev/chain" in one]
            case(f"chain {chain!r} of {row.get('role')!r}", bool(said) != row["good"], said)


def main():
    begun = time.monotonic()
    shapes()
    injected()
    gated()
    chains()
    print(f"the tests took {time.monotonic() - begun:.1f} s")
    finish()


main()
