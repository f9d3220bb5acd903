"""Admission policies carried out: what the API server does with a pod, by a CEL library that this project did not write.

The library knows CEL's standard; the functions and types that Kubernetes adds are here, as its documentation has them:
https://kubernetes.io/docs/reference/using-api/cel/ and .../mutating-admission-policy/.
"""

import copy
import re

import celpy
from celpy import celtypes

LIBRARY = {
    "split": lambda text, separator, most=0: celtypes.ListType(
        [celtypes.StringType(part) for part in text.split(separator, int(most) - 1)]),
    "join": lambda parts, separator: celtypes.StringType(separator.join(parts)),
}
# A list of a Kubernetes object with its key, by which an apply configuration merges.
KEYS = {"containers": "name", "initContainers": "name", "env": "name", "volumeMounts": "mountPath"}


class Policy:
    """A policy with its binding: `admit` carries it out for a pod and the service accounts of its namespace."""

    def __init__(self, policy, binding):
        self.spec, self.binding = policy["spec"], binding["spec"]

    def value(self, expression, variables):
        """An expression's value, as JSON. A type's name with dots is one name to the library."""
        types = set(re.findall(r"\b(?:JSONPatch|Object(?:\.\w+)*)(?=\{)", expression))
        expression = re.sub(r"\b(JSONPatch|Object(?:\.\w+)*)(?=\{)", lambda name: name[0].replace(".", "_"), expression)
        environment = celpy.Environment(annotations={name.replace(".", "_"): celtypes.MessageType for name in types})
        program = environment.program(environment.compile(expression), functions=LIBRARY)
        return plain(program.evaluate({name: celpy.json_to_cel(value) for name, value in variables.items()}))

    def variables(self, thing, account):
        known = {"object": thing, "params": account, "variables": {}}
        for one in self.spec.get("variables", []):
            known["variables"][one["name"]] = self.value(one["expression"], known)
        return known

    def selects(self, thing):
        rules = self.spec["matchConstraints"].get("objectSelector", {}).get("matchExpressions", [])
        labels = thing["metadata"].get("labels", {})
        return all(rule["operator"] == "DoesNotExist" and rule["key"] not in labels for rule in rules)

    def accounts(self, accounts):
        """Those that the binding's selector has."""
        wanted = self.binding["paramRef"]["selector"].get("matchLabels", {})
        return [one for one in accounts if wanted.items() <= one["metadata"].get("labels", {}).items()]

    def matches(self, thing, account):
        known = {"object": thing, "params": account}
        return all(self.value(one["expression"], known) for one in self.spec.get("matchConditions", []))

    def objections(self, thing, accounts):
        """What a validating policy says against an object; `accounts` is [None] for a policy without parameters."""
        found = []
        for account in accounts:
            if not self.selects(thing) or not self.matches(thing, account):
                continue
            known = self.variables(thing, account)
            for rule in self.spec["validations"]:
                if not self.value(rule["expression"], known):
                    found.append(self.value(rule["messageExpression"], known) if "messageExpression" in rule else rule["message"])
        return found

    def mutate(self, pod, accounts):
        for account in self.accounts(accounts):
            if self.selects(pod) and self.matches(pod, account):
                for mutation in self.spec["mutations"]:
                    known = self.variables(pod, account)
                    if mutation["patchType"] == "JSONPatch":
                        pod = patched(pod, self.value(mutation["jsonPatch"]["expression"], known))
                    else:
                        pod = merged(pod, self.value(mutation["applyConfiguration"]["expression"], known))
        return pod


def plain(value):
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, (bool, celtypes.BoolType)):
        return bool(value)
    return int(value) if isinstance(value, int) else None if value is None else str(value)


def patched(pod, patch):
    """RFC 6902, of which a policy uses `add`."""
    pod = copy.deepcopy(pod)
    for step in patch:
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
        place = pod
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place[part]
        assert step["op"] == "add", step
        if last == "-":
            place.append(step["value"])
        else:
            place[last] = step["value"]
    return pod


def merged(live, applied, name=None):
    """Server-side apply's merge: lists with a key by it, everything else replaced."""
    if isinstance(applied, dict) and isinstance(live, dict):
        return live | {key: merged(live[key], value, key) if key in live else value for key, value in applied.items()
                       if key in live or value != []}
    if isinstance(applied, list) and name in KEYS:
        key = KEYS[name]
        taken = {one[key]: one for one in applied}
        kept = [merged(one, taken.pop(one[key])) if one[key] in taken else one for one in live]
        return kept + list(taken.values())
    return applied
