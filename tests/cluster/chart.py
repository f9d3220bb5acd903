#!/usr/bin/env python3
"""The Helm chart: linted, its values held to the schema, rendered for every version, applied to a real API server;
then the mediator runs as the chart says, with its own service account's token, and lists an account.

    chart.py PATH_OF_ATTACHE

Uses the cluster of KUBECONFIG, or starts an API server of its own. Needs: pip install boto3 pyyaml kubernetes-validate.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent / "lib"), str(ROOT / "tests/peers/lib")]
import build  # noqa: E402
from agent import AUDIENCE, SECRETS, Agent, leaks  # noqa: E402
from authority import STS, TARGET, Authority, case, finish  # noqa: E402
from cluster import cluster  # noqa: E402
from pod_files import mounted, placed  # noqa: E402
from webhook_process import Proxy, kubeconfig, until  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
CHART, SEED = ROOT / "charts/attache", ROOT / "examples/seed"
VALUES = SEED / "causely-values.yaml"
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-chart-")
FOLDER = Path(SCRATCH.name)
NAMESPACE, RELEASE = f"attache-{int(time.time())}", "causely"
TAINT = "attache.dev/agent-not-ready"
# Everything that can be switched on.
ALL = {"mediator": {
    "persistence": {"enabled": True, "storageClass": "fast"}, "networkPolicy": {"enabled": True, "from": [{"podSelector": {}}]},
    "podMonitor": {"enabled": True}, "podDisruptionBudget": {"enabled": True}, "allowHosts": ["attache.example"],
    "extraArgs": ["--verbose"], "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
    "podLabels": {"team": "platform"}, "podAnnotations": {"note": "yes"}, "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}], "priorityClassName": "high",
    "affinity": {"nodeAffinity": {}}, "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway"}]},
    "agent": {
        "enabled": True, "clusterName": "prod", "issuer": "https://issuer.example", "region": "us-east-1", "jwks": '{"keys": []}', "annotations": True, "startupTaint": TAINT,
        "associations": [{"namespace": "causely", "serviceAccount": "mediator", "roleArn": "arn:aws:iam::111111111111:role/R"}],
        "address": {"image": "busybox:1.37"}, "podMonitor": {"enabled": True}, "extraArgs": ["--verbose"],
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}], "podLabels": {"team": "platform"},
        "podAnnotations": {"note": "yes"}, "nodeSelector": {"kubernetes.io/os": "linux"}, "affinity": {"nodeAffinity": {}}},
    "webhook": {
        "enabled": True, "region": "eu-west-1", "stsRegionalEndpoints": True, "configMap": {"enabled": True}, "podIdentities": {"configMap": "identities"},
        "gate": {"enabled": True, "action": "deny", "failurePolicy": "Fail"}, "podMonitor": {"enabled": True}, "extraArgs": ["--host=a.example"],
        "namespaceSelector": [{"key": "aws", "operator": "Exists"}], "objectSelector": [{"key": "aws", "operator": "NotIn", "values": ["no"]}],
        "podLabels": {"team": "platform"}, "podAnnotations": {"note": "yes"}, "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"operator": "Exists"}], "affinity": {"nodeAffinity": {}}, "priorityClassName": "high"},
    "image": {"repository": "registry.example/attache", "digest": "sha256:" + "0" * 64, "pullSecrets": [{"name": "registry"}]}}

CERT_MANAGER = {"webhook": {"enabled": True, "certManager": {"enabled": True, "issuerRef": {"name": "a", "kind": "ClusterIssuer"}}}}


AGENT_ROW = ALL["agent"]["associations"][0]


def helm(*arguments, kubeconfig=None):
    program = build.build(build.FOLDER, ["kubectl"]) / "helm"
    environment = os.environ | {"HELM_CACHE_HOME": str(FOLDER / "helm"), "HELM_CONFIG_HOME": str(FOLDER / "helm")}
    if kubeconfig:
        environment["KUBECONFIG"] = str(kubeconfig)
    done = subprocess.run([str(program), *(str(one) for one in arguments)], text=True, capture_output=True, env=environment)
    return done.returncode, done.stdout, done.stderr


def template(*arguments):
    code, out, problem = helm("template", RELEASE, CHART, "-n", NAMESPACE, *arguments)
    if code:
        raise RuntimeError(problem)
    return [document for document in yaml.safe_load_all(out) if document], out


def values(name, content):
    path = FOLDER / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def linted():
    for name, more in (("the defaults", ()), ("the seed's values", ("-f", VALUES)),
                       ("everything switched on", ("-f", VALUES, "-f", values("all", ALL))),
                       ("cert-manager", ("-f", values("cert", CERT_MANAGER)))):
        code, out, problem = helm("lint", "--strict", CHART, *more)
        case(f"helm lint --strict with {name}", code == 0, out + problem)
    done = subprocess.run([sys.executable, ROOT / "charts/readme.py", "--check"], text=True, capture_output=True)
    case("README.md is what the schema says", done.returncode == 0, done.stderr)


def rendered_values():
    """What `attache render helm-values` writes of the examples with accounts of their own."""
    for file in (ROOT / "examples/federation.yaml", ROOT / "examples/federation-pod-identity.yaml"):
        done = subprocess.run([ATTACHE, "render", "helm-values", "-f", file], text=True, capture_output=True)
        path = FOLDER / f"rendered-{file.name}"
        path.write_text(done.stdout)
        documents, _ = template("-f", path)
        expected = yaml.safe_load(done.stdout)["scrapers"]["aws"]["accounts"]
        found = [json.loads(one) if isinstance(one, str) else one for one in accounts_of(documents)]
        case(f"helm template with the values of {file.name}", done.returncode == 0 and found == expected, (done, found))


def accounts_of(documents):
    """The accounts as the mediator's configuration has them."""
    for document in documents:
        if document["kind"] == "ConfigMap":
            for text in document.get("data", {}).values():
                content = yaml.safe_load(text)
                if isinstance(content, dict) and "scrapers" in content:
                    return content["scrapers"]["aws"]["accounts"]
    return []


def mistakes_are_refused():
    account = {"arn": "arn:aws:iam::222222222222:root", "secretName": "aws-secret"}
    for name, content, shown in (
            ("a misspelt part", {"mediatr": {}}, "mediatr"),
            ("a misspelt value", {"mediator": {"serviceAccountAnnotation": {}}}, "serviceAccountAnnotation"),
            ("an account without its Secret", {"scrapers": {"aws": {"enabled": True, "accounts": [{"arn": account["arn"]}]}}}, "secretName"),
            ("an account that is no ARN", {"scrapers": {"aws": {"enabled": True, "accounts": [account | {"arn": "222222222222"}]}}}, "arn"),
            ("a Secret that is no name", {"scrapers": {"aws": {"enabled": True, "accounts": [account | {"secretName": "a/b"}]}}}, "secretName"),
            ("another cloud's key", {"scrapers": {"aws": {"enabled": True, "project": "x"}}}, "project"),
            ("an interval without its unit", {"mediator": {"interval": "60"}}, "interval"),
            ("a token of a minute", {"mediator": {"token": {"expirationSeconds": 60}}}, "expirationSeconds"),
            ("a webhook that fails otherwise", {"webhook": {"failurePolicy": "Deny"}}, "failurePolicy"),
            ("a gate that does something else", {"webhook": {"gate": {"action": "block"}}}, "action"),
            ("a misspelt part of the webhook", {"webhook": {"enable": True}}, "enable"),
            ("no webhook at all", {"webhook": {"enabled": True, "replicas": 0}}, "replicas"),
            ("a digest that is none", {"image": {"digest": "sha256:abc"}}, "digest"),
            ("no account at all", {"scrapers": {"aws": {"enabled": True}}}, "has no account"),
            ("an agent without a cluster", {"agent": {"enabled": True}}, "agent.clusterName"),
            ("an agent without a region", {"agent": {"enabled": True, "issuer": "https://issuer.example"}}, "agent.region"),
            ("associations on EKS", {"agent": {"enabled": True, "clusterName": "a", "jwks": "{}"}}, "agent.issuer"),
            ("an association without a role", {"agent": {"associations": [{"namespace": "a", "serviceAccount": "b"}]}}, "roleArn"),
            ("a misspelt association", {"agent": {"associations": [AGENT_ROW | {"rolArn": "x"}]}}, "rolArn"),
            ("a taint with its effect", {"agent": {"startupTaint": f"{TAINT}:NoSchedule"}}, "startupTaint"),
            ("an issuer over http", {"agent": {"issuer": "http://issuer.example"}}, "issuer")):
        code, _, problem = helm("template", RELEASE, CHART, "-f", values("mistake", content))
        case(f"{name} is refused", code != 0 and shown in problem, problem)


def valid_for_every_version():
    every = ("-f", VALUES, "-f", values("all", ALL))
    for minor in range(30, 38):
        documents, _ = template("--kube-version", f"1.{minor}.0", *every)
        problems = []
        for document in documents:
            if document["kind"] == "PodMonitor":
                continue
            try:
                kubernetes_validate.validate(document, f"1.{minor}", strict=True)
            except kubernetes_validate.ValidationError as problem:
                problems.append(f"{document['kind']}: {problem}")
            except kubernetes_validate.VersionNotSupportedError:
                problems.append("not a version that kubernetes-validate has")
        case(f"{len(documents)} objects are valid in Kubernetes 1.{minor}", not problems, problems)
    budgets = [one["apiVersion"] for one in template("--kube-version", "1.20.2", *every)[0] if one["kind"] == "PodDisruptionBudget"]
    case("Kubernetes 1.20 gets the disruption budgets that it has", budgets == ["policy/v1beta1"] * 2, budgets)
    only = {document["kind"] for document in template()[0]}
    case("nothing runs before accounts are named", only == {"ServiceAccount"}, only)


def hardened():
    documents, _ = template("-f", values("all", ALL))
    hook = next(one for one in documents if one["kind"] == "Deployment" and one["metadata"]["name"].endswith("-webhook"))
    documents, _ = template("-f", VALUES)
    hook = hook["spec"]["template"]["spec"]
    pod = next(one for one in documents if one["kind"] == "Deployment")["spec"]["template"]["spec"]
    container, context = pod["containers"][0]["securityContext"], pod["securityContext"]
    case("the pod is an ordinary user's", context["runAsNonRoot"] and context["runAsUser"] > 0, context)
    case("its system calls are filtered", context["seccompProfile"] == {"type": "RuntimeDefault"}, context)
    case("its root is read-only, without capabilities", container == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, container)
    case("the webhook's pod and container likewise", hook["securityContext"]["seccompProfile"] == context["seccompProfile"]
         and hook["securityContext"]["runAsNonRoot"] and hook["containers"][0]["securityContext"] == container, hook)
    case("it has no token of the Kubernetes API", pod["automountServiceAccountToken"] is False)
    documents, _ = template("-f", values("agent", {"agent": ALL["agent"]}))
    kinds = sorted(one["kind"] for one in documents if one["metadata"]["name"] == f"{RELEASE}-agent")
    case("the agent is in its namespace alone", kinds == ["ConfigMap", "DaemonSet", "PodMonitor", "ServiceAccount"], kinds)
    rules = [one["rules"] for one in documents if one["kind"] == "ClusterRole"]
    accounts, nodes = ({"apiGroups": [""], "resources": [what], "verbs": verbs} for what, verbs in (
        ("serviceaccounts", ["list", "watch"]), ("nodes", ["get", "patch"])))
    case("it may list and watch service accounts, where annotations name roles, and patch nodes, where they have a startup taint",
         rules == [[accounts, nodes]], rules)
    for name, less, wanted in (("annotations", {"startupTaint": ""}, accounts), ("a startup taint", {"annotations": False}, nodes)):
        documents = template("-f", values("agent", {"agent": ALL["agent"] | less}))[0]
        rules = [one["rules"] for one in documents if one["kind"] == "ClusterRole"]
        case(f"with {name} alone it may do that alone", rules == [[wanted]], rules)
        pod = next(one for one in documents if one["kind"] == "DaemonSet")["spec"]["template"]["spec"]
        tolerated = {"key": TAINT, "operator": "Exists"} in pod["tolerations"]
        case(f"with {name} it has a token of the Kubernetes API", pod["automountServiceAccountToken"] is True and tolerated == (wanted is nodes), pod["tolerations"])
    documents = template("-f", values("agent", {"agent": ALL["agent"] | {"annotations": False, "startupTaint": ""}}))[0]
    kinds = {one["kind"] for one in documents}
    case("the agent needs no role of Kubernetes otherwise", "ClusterRole" not in kinds and "ClusterRoleBinding" not in kinds, kinds)
    pod = next(one for one in documents if one["kind"] == "DaemonSet")["spec"]["template"]["spec"]
    case("the agent has no token of the Kubernetes API", pod["automountServiceAccountToken"] is False and pod["hostNetwork"], pod)
    hard = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True}
    for container, capability in ((pod["containers"][0], "NET_BIND_SERVICE"), (pod["initContainers"][0], "NET_ADMIN")):
        wanted = hard | {"capabilities": {"drop": ["ALL"], "add": [capability]}}
        case(f"the container {container['name']} has one capability", container["securityContext"] == wanted, container["securityContext"])
    only = {one["metadata"]["name"] for one in template("-f", values("eks", {"agent": {"enabled": True, "clusterName": "prod"}}))[0]}
    case("on EKS it needs no ConfigMap", only == {f"{RELEASE}-agent", f"{RELEASE}-mediator"}, only)


def applied(server):
    server.kubectl("create", "namespace", NAMESPACE)
    secret = (SEED / "aws-secret.yaml").read_text().replace("namespace: causely", f"namespace: {NAMESPACE}")
    server.kubectl("apply", "--server-side", "-f", "-", text=secret.replace("region-code", "us-east-1"))
    version = ".".join(str(part) for part in server.version())
    objects, text = template("--kube-version", f"{version}.0", "-f", VALUES)
    apply = ("apply", "--server-side", "--field-manager=helm-template", "-f", "-")
    out = server.kubectl(*apply, text=text)
    case(f"{len(objects)} objects are applied by the server", out.count("serverside-applied") == len(objects), out)
    account = ("serviceaccount", f"{RELEASE}-mediator", "-n", NAMESPACE)
    server.kubectl("annotate", *account, "example.com/owner=platform")
    server.kubectl(*apply, text=text)
    annotations = json.loads(server.kubectl("get", *account, "-o", "json"))["metadata"]["annotations"]
    case("the seed's annotation is there, and another's stays", annotations == {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::111111111111:role/CauselyMediation", "example.com/owner": "platform"}, annotations)
    for verb, what in (("get", "secrets"), ("list", "pods"), ("create", "serviceaccounts/token")):
        case(f"the mediator may not {verb} {what}", not server.may(verb, what, f"system:serviceaccount:{NAMESPACE}:{RELEASE}-mediator", "-n", NAMESPACE))
    code, out, problem = helm("upgrade", "--install", "again", CHART, "-n", NAMESPACE, "-f", VALUES, "--dry-run=server", kubeconfig=server.kubeconfig)
    case("helm upgrade --install --dry-run=server", code == 0, problem)
    subject = f"system:serviceaccount:{NAMESPACE}:again-mediator"
    case("its notes name the subject of the trust policies", subject in out, out[-1500:])


def listed(server):
    """The mediator as the Deployment says, with the files that its pod would have."""
    deployment = json.loads(server.kubectl("get", "deployment", f"{RELEASE}-mediator", "-n", NAMESPACE, "-o", "json"))
    pod = deployment["spec"]["template"]["spec"]
    folder, issuer = mounted(server, NAMESPACE, pod, FOLDER / "pod"), server.issuer()
    jwks = FOLDER / "jwks.json"
    jwks.write_text(server.keys())
    authority = Authority(ATTACHE, arguments=["--issuer", f"{issuer}={jwks}"])
    iam, host = authority.client("iam", TARGET), issuer.removeprefix("https://")
    provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=[STS])["OpenIDConnectProviderArn"]
    subject = f"system:serviceaccount:{NAMESPACE}:{pod['serviceAccountName']}"
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{host}:sub": subject, f"{host}:aud": STS}}}]}
    iam.create_role(RoleName="CauselyAccess", AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName="CauselyAccess", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    arguments = ["--listen=127.0.0.1:0" if argument.startswith("--listen=") else argument
                 for argument in placed(pod["containers"][0]["args"], folder)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen([ATTACHE, *arguments, "--endpoint-url", authority.url], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, env=clean)
    try:
        line = process.stdout.readline()
        url = next((word.rstrip(";") for word in line.split() if word.startswith("http://")), None)
        case("the mediator starts with the chart's arguments", url is not None, line)
        accounts, end = [], time.monotonic() + 60
        while url and not any(one["resources"] for one in accounts) and time.monotonic() < end:
            time.sleep(0.5)
            with urllib.request.urlopen(f"{url}api/v1/accounts", timeout=10) as answer:
                found = json.load(answer)
            accounts = found["accounts"] if isinstance(found, dict) else found
        arns = [one.get("identity_arn") or json.dumps(one) for one in accounts]
        case("it lists the account by its own service account's token",
             len(arns) == 1 and f"arn:aws:sts::{TARGET}:assumed-role/CauselyAccess/" in arns[0], accounts)
    finally:
        process.terminate()
        process.wait(20)
    case("the authority stops", authority.stop() == 0)


def agent_runs(server):
    """The agent as the DaemonSet says, on loopback, with the files that its pod would have."""
    issuer = server.issuer()
    namespace, account = NAMESPACE, "shop"
    server.kubectl("create", "serviceaccount", account, "-n", namespace)
    role = f"arn:aws:iam::{TARGET}:role/Shop"
    given = {"enabled": True, "clusterName": "prod", "issuer": issuer, "region": "us-east-1", "jwks": server.keys(),
             "associations": [{"namespace": namespace, "serviceAccount": account, "roleArn": role}]}
    version = ".".join(str(part) for part in server.version())
    objects, text = template("--kube-version", f"{version}.0", "-f", values("agent-runs", {"agent": given}))
    out = server.kubectl("apply", "--server-side", "--field-manager=helm-template", "-f", "-", text=text)
    case("the agent's objects are applied by the server", out.count("serverside-applied") == len(objects), out)
    pod = json.loads(server.kubectl("get", "daemonset", f"{RELEASE}-agent", "-n", namespace, "-o", "json"))["spec"]["template"]["spec"]
    folder = mounted(server, NAMESPACE, pod, FOLDER / "agent-pod")
    jwks = folder / "etc/attache/agent/jwks.json"
    authority = Authority(ATTACHE, arguments=["--issuer", f"{issuer}={jwks}"])
    iam, host = authority.client("iam", TARGET), issuer.removeprefix("https://")
    provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=[AUDIENCE])["OpenIDConnectProviderArn"]
    iam.create_role(RoleName="Shop", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {
            f"{host}:sub": f"system:serviceaccount:{namespace}:{account}", f"{host}:aud": AUDIENCE}}}]}))
    agent = Agent(ATTACHE, *placed(pod["containers"][0]["args"][1:], folder), "--endpoint-url", authority.url)
    token = pod_token(server, "shop-0", account)
    status, text = agent.ask(token)
    case("the agent with the chart's arguments gives a pod its credentials", status == 200 and json.loads(text)["AccountId"] == TARGET, (status, text[:200] if status != 200 else ""))
    case("the agent ends", agent.stop() == 0)
    annotated(server, given, authority)
    tainted(server, given, authority)
    case("the authority of the agent stops", authority.stop() == 0)


def pod_token(server, name, account):
    uid = server.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE},
                         "spec": {"serviceAccountName": account, "containers": [{"name": "app", "image": "app"}]}})["metadata"]["uid"]
    return server.token(NAMESPACE, account, AUDIENCE, "--bound-object-kind", "Pod", "--bound-object-name", name, "--bound-object-uid", uid)


def annotated(server, given, authority):
    """Roles by annotation, with exactly what the chart lets the agent's own service account read; and without the API server."""
    version = ".".join(str(part) for part in server.version())
    given = given | {"annotations": True, "associations": []}
    _, text = template("--kube-version", f"{version}.0", "-f", values("agent-annotated", {"agent": given}))
    server.kubectl("apply", "--server-side", "--field-manager=helm-template", "-f", "-", text=text)
    own = next(one for one in yaml.safe_load_all(text) if one and one["kind"] == "DaemonSet")["spec"]["template"]["spec"]
    for verb, what, may in (("list", "serviceaccounts", True), ("watch", "serviceaccounts", True), ("get", "secrets", False), ("create", "serviceaccounts/token", False)):
        case(f"the agent may{'' if may else ' not'} {verb} {what}", server.may(verb, what, f"system:serviceaccount:{NAMESPACE}:{own['serviceAccountName']}") == may)
    view = json.loads(server.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    proxy = Proxy(view["clusters"][0]["cluster"]["server"])
    token = server.token(NAMESPACE, own["serviceAccountName"], "https://kubernetes.default.svc")
    cluster_file = kubeconfig(FOLDER / "agent-kubeconfig", server, proxy.url, token)
    folder = mounted(server, NAMESPACE, own, FOLDER / "annotated-pod")
    agent = Agent(ATTACHE, *placed(own["containers"][0]["args"][1:], folder), "--endpoint-url", authority.url, environment={"KUBECONFIG": str(cluster_file)})
    pod = pod_token(server, "shop-1", "shop")

    def role(name):
        server.kubectl("annotate", "--overwrite", "serviceaccount", "shop", "-n", NAMESPACE, name)

    def status(token=pod):
        return agent.ask(token)[0]
    case("without an annotation there is no role", until(lambda: status() == 404, 20), agent.ask(pod))
    role(f"eks.amazonaws.com/role-arn=arn:aws:iam::{TARGET}:role/Shop")
    case("the annotation names the role", until(lambda: status() == 200, 10), agent.ask(pod))
    proxy.cut()
    later = pod_token(server, "shop-2", "shop")
    case("while the API server is away it is known", status() == 200 and status(later) == 200)
    role("eks.amazonaws.com/role-arn=arn:aws:iam::222222222222:user/Shop")
    proxy.mend()
    case("one that is no role's takes the credentials away", until(lambda: status() == 404, 60), agent.ask(pod))
    case("and is logged", "is not a role ARN" in agent.log.read_text())
    role("eks.amazonaws.com/role-arn-")
    role(f"eks.amazonaws.com/role-arn=arn:aws:iam::{TARGET}:role/Shop")
    case("and back again", until(lambda: status() == 200, 10), agent.ask(pod))
    SECRETS[token] = "the agent's own token"
    case("the agent with annotations ends", agent.stop() == 0)
    case("no secret is in the agent's logs", leaks() == [], leaks())


def tainted(server, given, authority):
    """The startup taint of a Node: kept until pods are answered and by an agent without the rights, removed with exactly those of
    the chart, beside others' taints and while these change."""
    version = ".".join(str(part) for part in server.version())
    _, text = template("--kube-version", f"{version}.0", "-f", values("agent-tainted", {"agent": given | {"startupTaint": TAINT, "tolerations": []}}))
    apply = ("apply", "--server-side", "--field-manager=helm-template", "--force-conflicts", "-f", "-")
    server.kubectl(*apply, text=text)
    documents = [one for one in yaml.safe_load_all(text) if one]
    pod = next(one for one in documents if one["kind"] == "DaemonSet")["spec"]["template"]["spec"]
    binding = next(one for one in documents if one["kind"] == "ClusterRoleBinding")["metadata"]["name"]
    case("the DaemonSet tolerates the taint, of any effect", pod["tolerations"] == [{"key": TAINT, "operator": "Exists"}], pod["tolerations"])
    case("the agent has its node's name", {"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}} in pod["containers"][0]["env"])
    account = f"system:serviceaccount:{NAMESPACE}:{pod['serviceAccountName']}"
    for verb, what, may, *more in (("get", "nodes", True), ("patch", "nodes", True), ("list", "nodes", False), ("update", "nodes", False), ("delete", "nodes", False),
                                   ("patch", "nodes", False, "--subresource=status"), ("list", "serviceaccounts", False), ("get", "secrets", False)):
        case(f"the agent with a startup taint may{'' if may else ' not'} {verb} {what} {' '.join(more)}", server.may(verb, what, account, *more) == may)

    node = f"node-{NAMESPACE}"
    foreign = {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}

    def taints():
        return json.loads(server.kubectl("get", "node", node, "-o", "json"))["spec"].get("taints", [])

    def keys():
        return [one["key"] for one in taints()]
    server.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}, "spec": {"taints": [
        foreign, {"key": TAINT, "effect": "NoSchedule"}, {"key": f"{TAINT}-yet", "effect": "NoSchedule"}, {"key": TAINT, "value": "true", "effect": "NoExecute"}]}})
    before = taints()
    token = server.token(NAMESPACE, pod["serviceAccountName"], "https://kubernetes.default.svc")
    SECRETS[token] = "the agent's own token"
    view = json.loads(server.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    cluster_file = kubeconfig(FOLDER / "tainted-kubeconfig", server, view["clusters"][0]["cluster"]["server"], token)
    folder = mounted(server, NAMESPACE, pod, FOLDER / "tainted-pod")
    arguments = placed(pod["containers"][0]["args"][1:], folder)

    def start():
        return Agent(ATTACHE, *arguments, "--endpoint-url", authority.url, environment={"KUBECONFIG": str(cluster_file), "NODE_NAME": node})
    shop = pod_token(server, "shop-tainted", "shop")
    server.kubectl("delete", "clusterrolebinding", binding)
    agent = start()
    said = f"did not remove the startup taint node=\"{node}\" taint=\"{TAINT}\""
    case("without the rights that is logged", until(lambda: said in agent.log.read_text(), 20), agent.log.read_text()[-2000:])
    line = next((one for one in agent.log.read_text().splitlines() if said in one), "")
    case("with the reason and what grants it", "forbidden" in line and "agent.startupTaint" in line, line)
    case("the node keeps its taints", taints() == before, taints())
    case("and pods are answered", agent.ask(shop)[0] == 200, agent.ask(shop))
    server.kubectl(*apply, text=text)
    case("with them the taint goes by itself", until(lambda: TAINT not in keys(), 60), (taints(), agent.log.read_text()[-2000:]))
    case("every other taint is there as it was", taints() == [one for one in before if one["key"] != TAINT] and foreign in before, (before, taints()))
    case("its removal is logged", until(lambda: "removed the startup taint" in agent.log.read_text(), 5))
    case("the agent with a startup taint ends", agent.stop() == 0)

    # Not before pods are answered: the keys of the issuer come late. Others change the taints all the while.
    server.kubectl("taint", "node", node, f"{TAINT}=:NoSchedule")
    jwks, late = folder / "etc/attache/agent/jwks.json", folder / "etc/attache/agent/late.json"
    jwks.rename(late)
    agent = start()
    time.sleep(3)
    case("the taint stays while pods are not answered", TAINT in keys() and agent.ask(shop)[0] == 503, (taints(), agent.ask(shop)))
    late.rename(jwks)
    changed, end = 0, time.monotonic() + 30
    while TAINT in keys() and time.monotonic() < end:
        server.kubectl("taint", "node", node, f"changed-{changed}=:PreferNoSchedule")
        changed += 1
    case(f"it goes when they are, beside {changed} changes of others", TAINT not in keys(), (taints(), agent.log.read_text()[-2000:]))
    case("and no other taint went with it", {f"changed-{n}" for n in range(changed)} | {"dedicated", f"{TAINT}-yet"} <= set(keys()), keys())
    case("the agent ends again", agent.stop() == 0)
    stale = [{"op": "test", "path": "/spec/taints/0", "value": foreign | {"value": "cpu"}}, {"op": "remove", "path": "/spec/taints/0"}]
    code, _, problem = server.run("patch", "node", node, "--type=json", "-p", json.dumps(stale))
    case("the server refuses such a patch of what changed meanwhile", code != 0 and foreign in taints(), problem)
    server.run("delete", "node", node)
    case("no secret is in the logs of the agent with a taint", leaks() == [], leaks())


def agent_on_its_own_address():
    """The init container's script and the agent without any flag of an address, in a network of their own."""
    unshare = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], capture_output=True).returncode:
        print("unknown: this machine lets no process have a network of its own, so the agent's own address was not tried", flush=True)
        return
    documents, _ = template("-f", values("agent-address", {"agent": ALL["agent"]}))
    pod = next(one for one in documents if one["kind"] == "DaemonSet")["spec"]["template"]["spec"]
    rows, jwks = FOLDER / "rows.json", FOLDER / "none.json"
    rows.write_text(json.dumps({"associations": [AGENT_ROW]}))
    jwks.write_text('{"keys": []}')
    ask = f"""
import subprocess, sys, urllib.request, urllib.error
agent = subprocess.Popen([{ATTACHE!r}, "agent", "--associations", {str(rows)!r}, "--issuer", "https://issuer.example", "--jwks", {str(jwks)!r},
                          "--region", "us-east-1"], stdout=subprocess.PIPE, stderr=sys.stderr, text=True)
for line in agent.stdout:
    if line.startswith("source"):
        break
for url in ("http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials", "http://127.0.0.1:2703/readyz", "http://127.0.0.1:2705/metrics"):
    try:
        print(url, urllib.request.urlopen(url, timeout=10).status)
    except urllib.error.HTTPError as error:
        print(url, error.code)
    except OSError as error:
        print(url, error)
agent.terminate()
print(agent.wait(10))
"""
    script = pod["initContainers"][0]["command"][-1]
    # A second time, as after a restart of the pod on the same node.
    done = subprocess.run([*unshare, "sh", "-ec", f"ip link set lo up\n{script}\n{script}\nexec {sys.executable} -c \"$0\"", ask],
                          capture_output=True, text=True, timeout=60)
    answers = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines() if " " in line)
    case("the agent answers on its own addresses", answers == {
        "http://169.254.170.23/v1/credentials": "400", "http://[fd00:ec2::23]/v1/credentials": "400",
        "http://127.0.0.1:2703/readyz": "200", "http://127.0.0.1:2705/metrics": "200"}, (answers, done.stderr))


def main():
    linted()
    rendered_values()
    mistakes_are_refused()
    valid_for_every_version()
    hardened()
    agent_on_its_own_address()
    with cluster() as server:
        try:
            applied(server)
            listed(server)
            agent_runs(server)
        finally:
            server.run("delete", "namespace", NAMESPACE, "--wait=false")
    finish()


main()
