"""The tables of pods in the folder `pods`: a row's pod as the API server has it, and as an injector is to leave it."""

import copy
from pathlib import Path

PODS = Path(__file__).resolve().parents[1] / "pods"


def complete(pod):
    """What a row leaves out, as the API server has it before policies run."""
    pod = copy.deepcopy(pod)
    pod.setdefault("metadata", {}).setdefault("name", "pod")
    pod.setdefault("spec", {}).setdefault("serviceAccountName", "mediator")
    pod["spec"].setdefault("containers", [{"name": "app"}])
    for one in [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]:
        one.setdefault("image", "app")
    return pod


def expected(pod, row):
    """The pod out of a row: either `unchanged`, or what each container, and the pod, gets besides what it has."""
    out = complete(pod)
    if row["out"] == "unchanged":
        return out
    for one in [*out["spec"]["containers"], *out["spec"].get("initContainers", [])]:
        gets = row["out"].get(one["name"], {})
        one["env"] = one.get("env", []) + [{"name": name, "value": value} for name, value in gets.get("env", {}).items()]
        if gets.get("mount", False):
            one["volumeMounts"] = one.get("volumeMounts", []) + [{
                "name": "aws-iam-token", "readOnly": True, "mountPath": "/var/run/secrets/eks.amazonaws.com/serviceaccount"}]
    if "annotations" in row["out"]:
        out["metadata"]["annotations"] = out["metadata"].get("annotations", {}) | row["out"]["annotations"]
    token = row["out"].get("token")
    if token:
        sources = [{"serviceAccountToken": {"path": "token"} | token}]
        if row["out"].get("config"):
            sources.append({"downwardAPI": {"items": [
                {"path": "config", "fieldRef": {"fieldPath": "metadata.annotations['attache.dev/aws-config']"}}]}})
        out["spec"]["volumes"] = out["spec"].get("volumes", []) + [{"name": "aws-iam-token", "projected": {"sources": sources}}]
    return out
