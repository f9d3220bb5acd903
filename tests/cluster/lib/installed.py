"""The chart on a cluster, and its webhook as a process here, with the token and the rights of the chart's own service account."""

import json
import subprocess
from pathlib import Path

import build
import yaml
from webhook_process import Proxy, Webhook, kubeconfig

CHART = Path(__file__).resolve().parents[3] / "charts/attache"


def templated(release, namespace, version, *arguments):
    """What `helm template` writes: its documents and its text."""
    program = build.build(build.FOLDER, ["kubectl"]) / "helm"
    command = [program, "template", release, CHART, "-n", namespace, "--kube-version", version, *arguments]
    done = subprocess.run([str(one) for one in command], text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [one for one in yaml.safe_load_all(done.stdout) if one], done.stdout


class InstalledWebhook:
    """The webhook of the chart. In the place of its Service, which has no network, is a URL."""

    def __init__(self, server, attache, folder, namespace, release, values, *more):
        """`values` are for --set; `more` are other arguments of `helm template`."""
        self.server, self.attache, self.folder, self.namespace, self.processes = server, attache, folder, namespace, []
        self.name, self.cluster_name = f"{release}-webhook", f"{namespace}-{release}-webhook"
        version = ".".join(str(part) for part in (*server.version(), 0))
        given = [part for one in values for part in ("--set", one)]
        self.documents, text = templated(release, namespace, version, *given, *more)
        server.kubectl("apply", "--server-side", "--field-manager=helm", "-f", "-", text=text)
        pod = next(one for one in self.documents if one["kind"] == "Deployment")["spec"]["template"]["spec"]
        dropped = ("--listen", "--metrics-listen", "--verbose", "--shutdown-delay", "webhook")
        self.arguments = [one for one in pod["containers"][0]["args"] if one.split("=")[0] not in dropped]
        view = json.loads(server.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
        self.proxy = Proxy(view["clusters"][0]["cluster"]["server"])
        self.account = pod["serviceAccountName"]
        self.token = server.token(namespace, self.account, "https://kubernetes.default.svc")
        self.kubeconfig = kubeconfig(folder / "kubeconfig", server, self.proxy.url, self.token)

    def start(self, *more, port=0):
        webhook = Webhook(self.attache, [*self.arguments, "--host=127.0.0.1", *more], self.kubeconfig, self.folder, port)
        self.processes.append(webhook)
        return webhook

    def register(self, webhook):
        for kind, path, count in (("mutatingwebhookconfiguration", "/mutate", 1), ("validatingwebhookconfiguration", "/validate", 2)):
            steps = [step for number in range(count) for step in (
                {"op": "remove", "path": f"/webhooks/{number}/clientConfig/service"},
                {"op": "add", "path": f"/webhooks/{number}/clientConfig/url", "value": webhook.url + path})]
            self.server.kubectl("patch", kind, self.cluster_name, "--type=json", "-p", json.dumps(steps))

    def bundles(self):
        found = [json.loads(self.server.kubectl("get", kind, self.cluster_name, "-o", "json")) for kind in
                 ("mutatingwebhookconfiguration", "validatingwebhookconfiguration")]
        return [one["clientConfig"].get("caBundle") for each in found for one in each["webhooks"]]

    def secret(self):
        return json.loads(self.server.kubectl("get", "secret", self.name, "-n", self.namespace, "-o", "json")).get("data", {})
