#!/usr/bin/env python3
"""The pod identity webhook, installed by the chart and called by a real API server: it runs as a process with the token
and the rights of the chart's own service account, and no more.

    webhook.py PATH_OF_ATTACHE

Uses the cluster of KUBECONFIG, whose API server has to reach this machine's loopback, or starts one of its own. Needs:
pip install cryptography pyyaml.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent / "lib"), str(ROOT / "tests/peers/lib")]
from authority import case, finish  # noqa: E402
from cluster import cluster  # noqa: E402
from https_site import certificate  # noqa: E402
from installed import InstalledWebhook  # noqa: E402
from table import PODS, complete, expected  # noqa: E402
from webhook_process import until  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-webhook-")
FOLDER = Path(SCRATCH.name)
STAMP = int(time.time())
OWN, PODS_IN, RELEASE = f"attache-{STAMP}", f"pods-{STAMP}", "attache"
NAME, CLUSTER_NAME = f"{RELEASE}-webhook", f"{OWN}-{RELEASE}-webhook"
ROLE, ARN = "eks.amazonaws.com/role-arn", "arn:aws:iam::222222222222:role/A"
# Renewed after forty seconds: the tests see it.
VALUES = ("webhook.enabled=true", "webhook.failurePolicy=Fail", "webhook.gate.enabled=true", "webhook.gate.action=deny",
          "webhook.gate.failurePolicy=Fail", "webhook.configMap.enabled=true", "webhook.certificateLifetime=60s")


def service_account(name, annotations, namespace=PODS_IN):
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace, "annotations": annotations}}


def pod(name, account, row=None, namespace=PODS_IN):
    made = complete(row or {})
    made["metadata"] = made["metadata"] | {"name": name, "namespace": namespace}
    made["spec"]["serviceAccountName"] = account
    return made | {"apiVersion": "v1", "kind": "Pod"}


def create(server, things, *more):
    """What the server answers by name, what it says, and how long it took."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": things})
    _, out, said = server.run("create", "--validate=false", "-o", "json", *more, "-f", "-", text=text)
    decoder, found, at = json.JSONDecoder(), {}, 0
    while at < len(out):
        thing, at = decoder.raw_decode(out, at)
        for one in thing.get("items", [thing]):
            found[one["metadata"]["name"]] = one
        while at < len(out) and out[at].isspace():
            at += 1
    return found, said


def seen(one):
    """What an injector adds to a pod: without what the API server adds, and in no order."""
    def named(things):
        return sorted((thing for thing in things or [] if not thing["name"].startswith(("kube-api-access", "mediator-token"))), key=lambda thing: thing["name"])
    containers = [*one["spec"]["containers"], *one["spec"].get("initContainers", [])]
    volumes = [{"name": each["name"], "sources": each.get("projected", {}).get("sources")} for each in named(one["spec"].get("volumes"))]
    fields = [item["fieldRef"] for each in volumes for source in each["sources"] or [] for item in source.get("downwardAPI", {}).get("items", [])]
    for field in fields:
        field.setdefault("apiVersion", "v1")
    return {"configuration": one["metadata"].get("annotations", {}).get("attache.dev/aws-config"), "volumes": volumes, "containers": {each["name"]: (
        [(variable["name"], variable.get("value")) for variable in each.get("env") or []],
        [(mount["name"], mount["mountPath"], mount.get("readOnly", False)) for mount in named(each.get("volumeMounts"))]) for each in containers}}


def every_row(server):
    """The rows of the table that need no flag, each with a service account of its own, created by kubectl."""
    rows = [row for row in yaml.safe_load((PODS / "injected.yaml").read_text()) if "region" not in row
            and row.get("pod", {}).get("spec", {}).get("serviceAccountName") is None]
    accounts = [service_account(f"row-{number}", row.get("account", {}).get("annotations", {})) for number, row in enumerate(rows)]
    _, warned = create(server, accounts)
    case("a malformed role is told as its service account is written", f'{ROLE} is "CauselyAccess", not the ARN of a role' in warned, warned)
    pods = [pod(f"pod-{number}", f"row-{number}", row.get("pod")) for number, row in enumerate(rows)]
    made, said = create(server, pods, "--dry-run=server")
    # The gate is there as well: what is no identity of its own is refused by it.
    refused = {"a chain and the user's role", "a chain and the user's token file", "the user's role", "the user's token file", "the user's role in one of two containers", "the user's role from a Secret", "everything is the user's"}
    for number, row in enumerate(rows):
        got = made.get(f"pod-{number}")
        if row["name"] in refused:
            case(f"gated: {row['name']}", got is None and f'pods "pod-{number}"' in said or "was not injected" in said, said[:500])
            continue
        wanted = seen(expected(row.get("pod", {}), row))
        case(f"injected: {row['name']}", got is not None and seen(got) == wanted, (got and seen(got), wanted, said[-300:]))
    for words in ("not the ARN of a role, and AWS will refuse it", "not a whole number of seconds", "neither true nor false", "600 s is the least"):
        case(f"kubectl shows the warning: {words}", any(line.startswith("Warning:") and words in line for line in said.splitlines()), said)
    again = {name: one for name, one in made.items() if one["spec"].get("volumes")}
    for one in again.values():
        one["metadata"] = {key: one["metadata"][key] for key in ("name", "namespace", "annotations", "labels") if key in one["metadata"]}
    twice, problem = create(server, list(again.values()), "--dry-run=server")
    same = [name for name, one in again.items() if name in twice and seen(twice[name]) == seen(one)]
    case("a second pass adds nothing", again and len(same) == len(again), (set(again) - set(same), problem[:300]))


def races(server, webhook):
    things = [thing for number in range(60) for thing in (
        service_account(f"new-{number}", {ROLE: ARN}), pod(f"new-{number}", f"new-{number}"))]
    text = "\n---\n".join(json.dumps(thing) for thing in things)
    _, out, problem = server.run("create", "--validate=false", "-o", "json", "-f", "-", text=text)
    injected = out.count('"AWS_ROLE_ARN"')
    case("a pod right after its new service account is injected, 60 of 60", injected >= 60, (injected, problem[:500]))
    begun = time.monotonic()
    create(server, [service_account(f"many-{number}", {ROLE: ARN}) for number in range(1000)])
    took = time.monotonic() - begun
    known = until(lambda: (webhook.metric("attache_webhook_annotated_service_accounts") or 0) >= 1000, 30)
    made, problem = create(server, [pod(f"many-{number}", f"many-{number}") for number in (0, 500, 999)], "--dry-run=server")
    case("a thousand annotated service accounts at once", known and all(seen(one)["volumes"] for one in made.values()) and len(made) == 3, problem)
    print(f"     (they were made in {took:.0f} s)")


def mapped_and_left_alone(server):
    config = {f"{PODS_IN}/mapped": {"RoleARN": ARN}, "*/anywhere": {"RoleARN": ARN}}
    server.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "pod-identity-webhook", "namespace": OWN},
                   "data": {"config": json.dumps(config)}})
    create(server, [service_account("mapped", {}), service_account("anywhere", {}), service_account("elsewhere", {}),
                    service_account("own", {ROLE: ARN}, OWN), service_account(f"own-{STAMP}", {ROLE: ARN}, "kube-system")])

    def injected(account, namespace=PODS_IN):
        made, _ = create(server, [pod("one", account, namespace=namespace)], "--dry-run=server")
        return bool(made and seen(made["one"])["volumes"])
    case("a role of the ConfigMap", until(lambda: injected("mapped"), 10))
    case("a role of the ConfigMap for every namespace", injected("anywhere"))
    case("no role of the ConfigMap", not injected("elsewhere"))
    case("its own namespace is left alone", not injected("own", OWN))
    case("kube-system is left alone", not injected(f"own-{STAMP}", "kube-system"))
    server.run("delete", "serviceaccount", f"own-{STAMP}", "-n", "kube-system")
    server.kubectl("delete", "configmap", "pod-identity-webhook", "-n", OWN)
    case("the ConfigMap's roles go with it", until(lambda: not injected("mapped"), 10))


def away(server, installed, webhook):
    proxy = installed.proxy
    create(server, [service_account("before", {ROLE: ARN})])
    until(lambda: not webhook.metric("x") and webhook.ask("/readyz")[0] == 200, 5)
    time.sleep(1)
    proxy.cut()
    create(server, [service_account("meanwhile", {ROLE: ARN}), service_account("others", {})])
    made, said = create(server, [pod("before", "before")], "--dry-run=server")
    case("the API server is away: a service account that is known", "before" in made and seen(made["before"])["volumes"], said)
    begun = time.monotonic()
    _, said = create(server, [pod("meanwhile", "meanwhile")], "--dry-run=server")
    told = "could not be read: the pod is admitted without an AWS role" in said
    case("the API server is away: one that is not is told, in bounded time", told and time.monotonic() - begun < 8, said)
    case("the API server is away: it is counted", webhook.metric("attache_webhook_faults_total") > 0)
    case("the API server is away: the webhook is well", webhook.ask("/healthz")[0] == 200)
    server.kubectl("delete", "serviceaccount", "before", "-n", PODS_IN)
    time.sleep(3)
    proxy.mend()
    made, said = create(server, [pod("meanwhile", "meanwhile")], "--dry-run=server")
    case("the API server is back: a service account of the meantime is fetched", "meanwhile" in made and seen(made["meanwhile"])["volumes"], said)
    before = webhook.metric("pod_identity_webhook_missing_sa_count")

    def watched():
        create(server, [pod("meanwhile", "meanwhile")], "--dry-run=server")
        now = webhook.metric("pod_identity_webhook_missing_sa_count")
        nonlocal before
        same, before = now == before, now
        return same
    case("the API server is back: the watch goes on", until(watched, 45))


def rotation(server, installed, webhook):
    second = installed.start()
    case("a second replica is ready", second.ready())
    case("both show one certificate", until(lambda: webhook.certificate() == second.certificate() is not None, 15))
    first, failed, count, end = webhook.certificate(), [], 0, time.monotonic() + 75
    while time.monotonic() < end and not (webhook.certificate() != first and second.certificate() == webhook.certificate()):
        made, said = create(server, [pod("steady", "row-0")], "--dry-run=server")
        count += 1
        if "steady" not in made or not seen(made["steady"])["volumes"]:
            failed.append(said)
    case("the certificate is renewed without a restart, by both", webhook.certificate() == second.certificate() != first)
    case(f"{count} pods meanwhile were all injected", not failed and count > 5, failed[:2])
    bundle = installed.bundles()
    case("every webhook of the configurations trusts it", all(bundle) and len(set(bundle)) == 1, bundle)
    server.kubectl("patch", "secret", NAME, "-n", OWN, "--type=json", "-p", '[{"op": "remove", "path": "/data"}]')
    case("a Secret that was emptied is made again", until(lambda: installed.secret().get("tls.crt"), 30))
    again = until(lambda: "steady" in create(server, [pod("steady", "row-0")], "--dry-run=server")[0], 30)
    case("and trusted again", again and set(installed.bundles()) != set(bundle))
    case("the second replica stops", second.stop() == 0)


def files(installed):
    """Files of cert-manager's kind: replaced together, one after the other."""
    def write(shift=0):
        top = certificate("an authority")
        leaf = certificate("localhost", top, shift)
        cert = leaf[0].public_bytes(serialization.Encoding.PEM)
        (FOLDER / "tls.crt").write_bytes(cert)
        (FOLDER / "tls.key").write_bytes(leaf[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return cert.decode()
    own = write()
    third = installed.start("--tls-cert", str(FOLDER / "tls.crt"), "--tls-key", str(FOLDER / "tls.key"))
    case("a certificate of files", until(lambda: third.certificate() == own, 10))
    renewed = write()
    case("files are read again", until(lambda: third.certificate() == renewed, 15))
    (FOLDER / "tls.key").write_text("not a key")
    time.sleep(6)
    case("a key that is none changes nothing", third.certificate() == renewed)
    for shift, said in ((-3, "expired at"), (3, "is not valid before")):
        write(shift)
        case(f"a certificate that {said}: not ready, with the reason", until(lambda: third.ask("/readyz")[0] == 503 and said in str(third.ask("/readyz")[1]), 15), third.ask("/readyz"))
        case("it is logged, with whose clock it is", until(lambda: said in third.log.read_text() and "by this machine's clock" in third.log.read_text(), 10))
        case("and the process stays up", third.ask("/healthz")[0] == 200)
    ended = third.metric("attache_webhook_certificate_not_after_seconds")
    write()
    case("with one that is valid it is ready again", until(lambda: third.ask("/readyz")[0] == 200, 15), third.ask("/readyz"))
    case("the metric tells its end", ended != third.metric("attache_webhook_certificate_not_after_seconds") and ended > time.time(), ended)
    third.stop()


def hostile(webhook):
    review = json.loads((ROOT / "crates/attache-admission/tests/reviews/1.20.json").read_text())
    for name, wanted, call in (
            ("no JSON", 400, lambda: webhook.ask("/mutate", b"{")),
            ("nothing", 400, lambda: webhook.ask("/mutate", b"")),
            ("another kind", 400, lambda: webhook.ask("/mutate", b'{"kind": "Pod", "apiVersion": "v1"}')),
            ("too much", 413, lambda: webhook.ask("/mutate", b'{"a": "' + b"x" * 8_000_000 + b'"}')),
            ("another type", 415, lambda: webhook.ask("/mutate", b"{}", kind="text/plain")),
            ("another method", 405, lambda: webhook.ask("/mutate")),
            ("another path", 404, lambda: webhook.ask("/admin", b"{}")),
            ("a broken pod", 200, lambda: webhook.ask("/mutate", json.dumps(review | {"request": review["request"] | {"object": {"spec": []}}}).encode()))):
        status, text = call()
        # A server may end the connection before the whole of a body that is too large was sent.
        case(f"hostile: {name}", status == wanted or (wanted == 413 and status == 0), (status, text[:200]))
    for version in ("v1", "v1beta1"):
        asked = review | {"apiVersion": f"admission.k8s.io/{version}"}
        status, text = webhook.ask("/mutate?timeout=10s", json.dumps(asked).encode())
        answer = json.loads(text)
        case(f"a review of {version}", (status, answer["apiVersion"], answer["response"]["uid"]) == (200, asked["apiVersion"], review["request"]["uid"]), text)


def rights(server, account):
    who = f"system:serviceaccount:{OWN}:{account}"
    for verb, what, *more in (
            ("create", "secrets", "-n", OWN), ("get", "secrets", "-n", OWN), ("list", "secrets", "-n", OWN), ("get", "secret/other", "-n", OWN),
            ("list", "pods", "-A"), ("get", "configmaps", "-n", OWN), ("update", "serviceaccounts", "-A"), ("create", "serviceaccounts/token", "-A"),
            ("patch", "mutatingwebhookconfigurations"), ("patch", "mutatingwebhookconfiguration/other"), ("create", "mutatingwebhookconfigurations")):
        case(f"it may not {verb} {what}", not server.may(verb, what, who, *more))


def gated(server):
    """Without the injector, the gate finds what was not injected."""
    server.kubectl("delete", "mutatingwebhookconfiguration", CLUSTER_NAME)
    rows = yaml.safe_load((PODS / "gated.yaml").read_text())
    create(server, [service_account(f"gate-{number}", row.get("account", {}).get("annotations", {})) for number, row in enumerate(rows)]
           + [service_account("another", {})])
    time.sleep(2)
    for number, row in enumerate(rows):
        account = "another" if row.get("pod", {}).get("spec", {}).get("serviceAccountName") else f"gate-{number}"
        made, said = create(server, [pod("gated", account, row.get("pod"))], "--dry-run=server")
        wanted = [word.replace("mediator", account) for word in row["says"] or []]
        good = not made and all(word in said for word in wanted) if row["says"] else "gated" in made
        case(f"gate: {row['name']}", good, said)


def absent(server, installed, webhook):
    case("the webhook stops", webhook.stop() == 0)
    delayed = installed.start("--shutdown-delay=3s")
    delayed.ready()
    delayed.process.terminate()
    time.sleep(1)
    case("it serves for the delay after SIGTERM", delayed.ask("/healthz")[0] == 200)
    case("and ends then", until(lambda: delayed.process.poll() == 0, 15), delayed.process.poll())
    made, said = create(server, [pod("absent", "gate-1")], "--dry-run=server")
    case("failurePolicy Fail: no pod without its webhook", not made and "failed calling webhook" in said, said)
    server.kubectl("patch", "validatingwebhookconfiguration", CLUSTER_NAME, "--type=json", "-p", json.dumps(
        [{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}]))
    case("failurePolicy Ignore: the pod is admitted", until(lambda: create(server, [pod("absent", "gate-1")], "--dry-run=server")[0], 10))


def nothing_secret(installed):
    data = installed.secret()
    import base64
    hidden = {"its token": installed.token, "the end of its token": installed.token.rsplit(".", 1)[1]}
    for key in ("tls.key", "authority.key"):
        lines = base64.b64decode(data[key]).decode().splitlines()
        hidden[key] = lines[1]
    hidden["the text of a key"] = "PRIVATE KEY"
    logs = "".join(one.log.read_text(errors="replace") for one in installed.processes)
    print(f"     ({len(logs) / 1e6:.1f} MB of log)")
    for name, text in hidden.items():
        case(f"not in any log: {name}", text not in logs)


def main():
    begun = time.monotonic()
    with cluster() as server:
        for namespace in (OWN, PODS_IN):
            server.kubectl("create", "namespace", namespace)
        installed = None
        try:
            installed = InstalledWebhook(server, ATTACHE, FOLDER, OWN, RELEASE, VALUES)
            rights(server, installed.account)
            webhook = installed.start()
            case("the webhook is ready with the chart's rights", webhook.ready(), webhook.log.read_text(errors="replace")[-1500:])
            installed.register(webhook)
            case("it has the API server trust it", until(lambda: all(installed.bundles()), 20))
            server.kubectl("create", "serviceaccount", "probe", "-n", PODS_IN)
            case("the API server calls it", until(lambda: create(server, [pod("probe", "probe")], "--dry-run=server")[0], 20))
            every_row(server)
            races(server, webhook)
            mapped_and_left_alone(server)
            away(server, installed, webhook)
            hostile(webhook)
            files(installed)
            rotation(server, installed, webhook)
            gated(server)
            absent(server, installed, webhook)
            nothing_secret(installed)
        finally:
            for one in installed.processes if installed else []:
                one.stop()
            for kind in ("mutatingwebhookconfiguration", "validatingwebhookconfiguration", "clusterrole", "clusterrolebinding"):
                server.run("delete", kind, CLUSTER_NAME, "--ignore-not-found")
            for namespace in (OWN, PODS_IN):
                server.run("delete", "namespace", namespace, "--wait=false")
    print(f"the tests took {time.monotonic() - begun:.1f} s")
    finish()


main()
