#!/usr/bin/env python3
"""The chart with cert-manager: its Issuers and Certificates by cert-manager's own schemas, the Secrets and authorities as cert-manager
makes them, and a real API server that calls the webhook by its Service's name and trusts it by the annotation alone.

    cert_manager.py PATH_OF_ATTACHE

Starts an API server of its own, whatever KUBECONFIG says: it has to be told how to reach Services. Needs: pip install
cloudcoil-models-cert-manager cryptography pyyaml.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent / "lib"), str(ROOT / "tests/peers/lib")]
from authority import case, finish  # noqa: E402
from cert_manager import Controllers, define  # noqa: E402
from cluster import own_cluster  # noqa: E402
from https_site import certificate  # noqa: E402
from installed import InstalledWebhook  # noqa: E402
from service_network import ServiceNetwork  # noqa: E402
from webhook_process import until  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
NAMESPACE, PODS_IN, RELEASE = "attache", "shop", "attache"
NAME = f"{RELEASE}-webhook"
ARN = "arn:aws:iam::222222222222:role/A"
VALUES = ("webhook.enabled=true", "webhook.failurePolicy=Fail", "webhook.gate.enabled=true", "webhook.gate.action=deny",
          "webhook.gate.failurePolicy=Fail", "webhook.certManager.enabled=true")
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": PODS_IN},
       "spec": {"serviceAccountName": "web", "containers": [{"name": "app", "image": "app"}]}}


def objects(server, installed):
    """What the API server keeps of the chart's objects by cert-manager's schemas: all of it."""
    ours = [one for one in installed.documents if one["apiVersion"].startswith("cert-manager.io/")]
    case("an authority and a certificate of it", sorted((one["kind"], one["metadata"]["name"]) for one in ours) == [
        ("Certificate", NAME), ("Certificate", f"{NAME}-authority"), ("Issuer", NAME), ("Issuer", f"{NAME}-self-signed")], ours)
    for one in ours:
        kept = json.loads(server.kubectl("get", one["kind"], one["metadata"]["name"], "-n", NAMESPACE, "-o", "json"))
        case(f"{one['kind']} {one['metadata']['name']}: no field that cert-manager does not know", kept["spec"] == one["spec"], (kept["spec"], one["spec"]))
    for field, value in (("usages", ["serving"]), ("issuerRef", {"kind": "Issuer"}), ("duration", 90)):
        wrong = next(one for one in ours if one["kind"] == "Certificate")
        code, _, said = server.run("create", "--validate=false", "-f", "-", text=json.dumps(
            wrong | {"metadata": {"name": "wrong", "namespace": NAMESPACE}, "spec": wrong["spec"] | {field: value}}))
        case(f"the schemas refuse another {field}", code != 0 and f"spec.{field}" in said, said)


def rights(server, account):
    who = f"system:serviceaccount:{NAMESPACE}:{account}"
    for verb, what in (("get", f"secret/{NAME}"), ("update", f"secret/{NAME}"), ("patch", f"mutatingwebhookconfiguration/{NAMESPACE}-{NAME}"),
                       ("patch", f"validatingwebhookconfiguration/{NAMESPACE}-{NAME}")):
        case(f"it may not {verb} {what}", not server.may(verb, what, who, "-n", NAMESPACE))


def mounted(installed, folder, controllers):
    """The Secret of the Deployment's volume, as the kubelet mounts it; the webhook's arguments name that folder."""
    spec = next(one for one in installed.documents if one["kind"] == "Deployment")["spec"]["template"]["spec"]
    volume = next(one for one in spec["volumes"] if one["name"] == "tls")["secret"]
    place = next(one for one in spec["containers"][0]["volumeMounts"] if one["name"] == "tls")["mountPath"]
    installed.arguments = [one.replace(place, str(folder)) for one in installed.arguments]

    def mount():
        for key, value in controllers.secret(volume["secretName"]).items():
            (folder / key).write_bytes(value)
    return mount


def created(server):
    """The pod as the API server would make it, and what it says."""
    _, out, said = server.run("create", "--dry-run=server", "-o", "json", "-f", "-", text=json.dumps(POD))
    return json.loads(out) if out else {}, said


def injected(server):
    made, _ = created(server)
    return {"name": "AWS_ROLE_ARN", "value": ARN} in (made["spec"]["containers"][0].get("env", []) if made else [])


def called(server, installed, network):
    address = json.loads(server.kubectl("get", "service", NAME, "-n", NAMESPACE, "-o", "json"))["spec"]["clusterIP"]
    webhook = installed.start()
    network.routes[f"{address}:443"] = webhook.port
    case("the webhook is ready with the certificate of the Secret", webhook.ready(), webhook.log.read_text(errors="replace")[-1500:])
    return webhook


def renewed(server, webhook, network, controllers, mount):
    """A Secret is renewed up to a minute before the kubelet's volume has it: no pod may fail meanwhile."""
    before = webhook.certificate()
    values = controllers.issue(NAME)
    case("the authorities are put again", controllers.inject() == 2)
    time.sleep(2)
    case("renewed, and not mounted yet: the webhook shows the one before", webhook.certificate() == before != values["tls.crt"].decode())
    network.cut()
    case("renewed, and not mounted yet: a pod is injected", injected(server), created(server)[1])
    mount()
    case("mounted: it is shown without a restart", until(lambda: webhook.certificate() == values["tls.crt"].decode(), 20))
    network.cut()
    case("mounted: a pod is injected", injected(server), created(server)[1])


def others(server, webhook, network, folder, mount):
    """What the API server trusts is the annotation's authority and the Service's name, and nothing else."""
    before, leaf = webhook.certificate(), certificate(f"{NAME}.{NAMESPACE}.svc", certificate("another authority"))
    (folder / "tls.crt").write_bytes(leaf[0].public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(leaf[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    case("another authority's: the webhook shows it", until(lambda: webhook.certificate() != before, 20))
    network.cut()
    case("another authority's: it is not trusted", "certificate signed by unknown authority" in created(server)[1], created(server)[1])
    mount()
    case("with that of the Secret a pod is injected again", until(lambda: injected(server), 30), created(server)[1])


def main():
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attache-cert-manager-") as scratch:
        folder = Path(scratch)
        network = ServiceNetwork(folder)
        with own_cluster(network.argument()) as server:
            define(server)
            for namespace in (NAMESPACE, PODS_IN):
                server.kubectl("create", "namespace", namespace)
            server.kubectl("create", "serviceaccount", "web", "-n", PODS_IN)
            server.kubectl("annotate", "serviceaccount", "web", "-n", PODS_IN, f"eks.amazonaws.com/role-arn={ARN}")
            installed = InstalledWebhook(server, ATTACHE, folder, NAMESPACE, RELEASE, VALUES)
            try:
                objects(server, installed)
                rights(server, installed.account)
                controllers = Controllers(server, NAMESPACE)
                mount = mounted(installed, folder, controllers)
                case("no webhook yet, and failurePolicy Fail", "failed calling webhook" in created(server)[1], created(server)[1])
                controllers.issue(NAME)
                mount()
                webhook = called(server, installed, network)
                case("no authority yet: it is not trusted", "certificate signed by unknown authority" in created(server)[1], created(server)[1])
                case("the annotations ask for the authority", controllers.inject() == 2)
                case("the API server calls the Service, and a pod is injected", until(lambda: injected(server), 20), created(server)[1])
                renewed(server, webhook, network, controllers, mount)
                others(server, webhook, network, folder, mount)
            finally:
                for one in installed.processes:
                    one.stop()
    print(f"the tests took {time.monotonic() - begun:.1f} s")
    finish()


main()
