#!/usr/bin/env python3
"""The whole way on a real API server: the chart is installed, its webhook and its agent run with their own service
accounts' tokens and rights, a pod is injected and gated, its tokens are exchanged at the authority, and
`attache verify --live` finds all of it; then one thing is broken at a time, and it names it. At last
`attache quickstart --kubeconfig`.

    live.py PATH_OF_ATTACHE

Uses the cluster of KUBECONFIG, whose API server has to reach this machine's loopback, or starts one of its own. Needs:
pip install boto3 pyyaml.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent / "lib"), str(ROOT / "tests/peers/lib")]
from agent import AUDIENCE, SECRETS, Agent, leaks  # noqa: E402
from authority import SOURCE, STS, TARGET, Authority, case, finish  # noqa: E402
from cluster import cluster  # noqa: E402
from installed import InstalledWebhook, templated  # noqa: E402
from pod_files import mounted, placed  # noqa: E402
from webhook_process import Proxy, kubeconfig, until  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-live-")
FOLDER = Path(SCRATCH.name)
STAMP = int(time.time())
OWN, WORK, ACCOUNT = f"attache-{STAMP}", f"causely-{STAMP}", "causely-mediator"
QUICKSTART = "attache-quickstart"
SUBJECT = f"system:serviceaccount:{WORK}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{SOURCE}:role/CauselyMediation"
ANNOTATION = "eks.amazonaws.com/role-arn"
WEBHOOK = ("webhook.enabled=true", "webhook.failurePolicy=Fail", "webhook.gate.enabled=true", "webhook.gate.action=deny",
           "webhook.gate.failurePolicy=Fail")
# A token, or the beginning of one.
JWT = re.compile(r"eyJ[\w-]{16}")


class Run:
    """What `attache` printed, and how it ended."""

    def __init__(self, *arguments, environment=None):
        done = subprocess.run([ATTACHE, *(str(one) for one in arguments)], text=True, capture_output=True, timeout=120, env=environment)
        self.code, self.out, self.log = done.returncode, done.stdout, done.stderr

    def json(self):
        return json.loads(self.out) if self.out else {}


class Site:
    """The federation in its file, the authority, the cluster, and the environment of an administrator."""

    def __init__(self, server):
        self.server, self.issuer, self.jwks = server, server.issuer(), FOLDER / "jwks.json"
        self.jwks.write_text(server.keys())
        self.authority = Authority(ATTACHE, arguments=["--issuer", f"{self.issuer}={self.jwks}"])
        self.file, self.rendered = FOLDER / "federation.yaml", FOLDER / "rendered"
        self.file.write_text(yaml.safe_dump(self.federation()))
        # As printed commands name it.
        (FOLDER / "bin").mkdir()
        (FOLDER / "bin/attache").symlink_to(ATTACHE)
        programs = f"{FOLDER / 'bin'}:{Path(sys.executable).parent}:{Path(server.program).parent}"
        self.environment = self.authority.environment(
            AWS_ENDPOINT_URL=self.authority.url, PATH=f"{programs}:{os.environ['PATH']}", COLUMNS="250")
        # What is given is used, and nothing else.
        self.environment.pop("KUBECONFIG", None)

    def federation(self):
        """Its source role also trusts the tokens that the agent trades."""
        host = self.issuer.removeprefix("https://")
        agent = {"Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{SOURCE}:oidc-provider/{host}"}, "Action": "sts:AssumeRoleWithWebIdentity",
                 "Condition": {"StringEquals": {f"{host}:sub": SUBJECT, f"{host}:aud": AUDIENCE}}}
        return {"apiVersion": "attache/v1", "kind": "Federation", "metadata": {"name": "causely"}, "spec": {
            "issuer": self.issuer, "workload": {"namespace": WORK, "serviceAccount": ACCOUNT},
            "source": {"account": SOURCE, "role": "CauselyMediation", "trustStatements": [agent]},
            "targets": [{"account": TARGET, "role": "CauselyAccess", "region": "us-east-1", "policies": ["ReadOnlyAccess"]}]}}

    def attache(self, *arguments, **more):
        return Run(*arguments, environment=self.environment | more)

    def shell(self, command):
        """Runs a printed command as it stands."""
        done = subprocess.run(["bash", "-ec", command], text=True, capture_output=True, env=self.environment, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def provider(self, account):
        return f"arn:aws:iam::{account}:oidc-provider/{self.issuer.removeprefix('https://')}"


def installed(site):
    """The accounts by `attache apply`, the mediator and its Secrets by the chart, the webhook and the agent beside."""
    server, version = site.server, ".".join(str(part) for part in (*site.server.version(), 0))
    done = site.attache("apply", "-f", site.file, "--yes")
    case("the federation is applied", done.code == 0, done.log)
    site.authority.client("iam", SOURCE).add_client_id_to_open_id_connect_provider(
        OpenIDConnectProviderArn=site.provider(SOURCE), ClientID=AUDIENCE)
    done = site.attache("render", "-f", site.file, "--out", site.rendered)
    case("its values are rendered", done.code == 0, done.log)
    code, said = site.shell(f"attache render kubernetes -f {site.file} | kubectl --kubeconfig {server.kubeconfig} apply --server-side -f -")
    case("its Secrets are applied", code == 0 and "serverside-applied" in said, said)
    documents, text = templated("causely", WORK, version, "-f", site.rendered / "causely-values.yaml")
    out = server.kubectl("apply", "--server-side", "--field-manager=helm", "-f", "-", text=text)
    case(f"the chart's {len(documents)} objects for the mediator are applied", out.count("serverside-applied") == len(documents), out)
    agent = FOLDER / "agent.yaml"
    agent.write_text(yaml.safe_dump({"agent": {"enabled": True, "clusterName": "prod", "issuer": site.issuer, "region": "us-east-1",
                                               "jwks": server.keys(), "annotations": True}}))
    webhook = InstalledWebhook(server, ATTACHE, FOLDER, OWN, "attache", WEBHOOK, "-f", agent)
    process = webhook.start()
    case("the webhook is ready with the chart's rights", process.ready(), process.log.read_text(errors="replace")[-1500:])
    webhook.register(process)
    case("the API server trusts it", until(lambda: all(webhook.bundles()), 20))
    return webhook


def pod(name, **container):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": WORK},
            "spec": {"serviceAccountName": ACCOUNT, "containers": [{"name": "app", "image": "app"} | container]}}


def injected(site):
    """A pod of the workload, as the API server stores it; and one that would go without its role."""
    server, made = site.server, []

    def is_injected():
        with contextlib.suppress(RuntimeError):
            made.append(server.create(pod(f"app-{len(made)}")))
        return made and any(one["name"] == "AWS_ROLE_ARN" for one in made[-1]["spec"]["containers"][0].get("env", []))
    case("a pod is injected", until(is_injected, 20), made and made[-1]["spec"])
    one = made[-1]
    variables = {each["name"]: each["value"] for each in one["spec"]["containers"][0]["env"]}
    case("with the role of its service account", variables["AWS_ROLE_ARN"] == ROLE, variables)
    _, _, said = server.run("create", "-f", "-", text=json.dumps(pod("gated", env=[{"name": "AWS_ROLE_ARN", "value": ROLE}])))
    case("one that would go without is gated", "was not injected" in said, said)
    return one, variables


def identity(environment):
    """Who boto3 is with this environment and nothing else."""
    kept = {"PATH": os.environ["PATH"], "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, timeout=60, env=kept | environment)
    return done.stdout.strip() or done.stderr[-1500:]


def exchanged(site, one, variables):
    """By the injected environment, at STS itself."""
    folder = mounted(site.server, WORK, one["spec"], FOLDER / "pod")
    mine = variables | {"AWS_WEB_IDENTITY_TOKEN_FILE": f"{folder}{variables['AWS_WEB_IDENTITY_TOKEN_FILE']}", "AWS_ENDPOINT_URL": site.authority.url}
    who = identity(mine)
    case("its token is exchanged at STS by the injected environment", ":assumed-role/CauselyMediation/" in who, who)


def traded(site, webhook, one):
    """By the agent, as the chart's DaemonSet runs it, with the rights of its own service account."""
    server = site.server
    own = next(each for each in webhook.documents if each["kind"] == "DaemonSet")["spec"]["template"]["spec"]
    token = server.token(OWN, own["serviceAccountName"], "https://kubernetes.default.svc")
    SECRETS[token] = "the agent's own token"
    view = json.loads(server.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    file = kubeconfig(FOLDER / "agent-kubeconfig", server, view["clusters"][0]["cluster"]["server"], token)
    folder = mounted(server, OWN, own, FOLDER / "agent-pod")
    agent = Agent(ATTACHE, *placed(own["containers"][0]["args"][1:], folder), "--endpoint-url", site.authority.url,
                  environment={"KUBECONFIG": str(file)})
    meta = one["metadata"]
    pod_token = FOLDER / "agent-token"
    pod_token.write_text(server.token(WORK, ACCOUNT, AUDIENCE, "--bound-object-kind", "Pod", "--bound-object-name", meta["name"], "--bound-object-uid", meta["uid"]))
    case("the agent has credentials for the pod", until(lambda: agent.ask(pod_token.read_text())[0] == 200, 20), agent.ask(pod_token.read_text()))
    who = identity({"AWS_CONTAINER_CREDENTIALS_FULL_URI": agent.url, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(pod_token),
                    "AWS_ENDPOINT_URL": site.authority.url})
    case("its token is traded by the agent", ":assumed-role/CauselyMediation/" in who, who)
    case("the agent ends", agent.stop() == 0)
    case("no secret is in the agent's log", leaks() == [], leaks())


def verify(site, file=None, *more, **environment):
    return site.attache("verify", "-f", site.file, "--live", "--kubeconfig", file or site.server.kubeconfig, "--output", "json", *more, **environment)


def checks(done, *statuses):
    return {(one["link"], one["name"]): one for one in done.json().get("checks", []) if one["status"] in statuses}


def green(site, when):
    done = verify(site)
    bad = checks(done, "fail", "unknown")
    case(f"verify --live is green {when}", done.code == 0 and not bad, (done.code, list(bad.values()), done.log))
    return done


def verified(site):
    done = green(site, "on all of it")
    good = checks(done, "ok")
    for link, name in (("token", "service account"), ("token", "issued"), ("token", "subject"), ("values", "role annotation"),
                       ("values", "Secret"), ("session", "assume the role")):
        case(f"it says ok of: {link}, {name}", (link, name) in good, list(good))
    loud = verify(site, ATTACHE_LOG="trace")
    case("no token is in its output or its log at any level", len(loud.log) > 10_000 and not JWT.search(loud.out + loud.log), len(loud.log))
    shown = site.attache("verify", "-f", site.file, "--live", "--kubeconfig", site.server.kubeconfig)
    case("the table says the same", shown.code == 0 and " 0 fail, 0 unknown." in shown.out, shown.out)


def broken(site, name, change, wanted, words):
    """Breaks one thing: `verify --live` names it, and the commands that it prints mend it."""
    change()
    done = verify(site)
    failed = checks(done, "fail")
    one = failed.get(wanted, {})
    said = json.dumps(one)
    case(f"{name}: verify --live names it", done.code == 1 and all(word in said for word in words), (done.code, failed, done.log))
    commands = [command for check in failed.values() for command in check.get("commands", [])]
    ended = [site.shell(command) for command in dict.fromkeys(commands)]
    case(f"{name}: what it prints runs as it stands", commands and all(code == 0 for code, _ in ended), (commands, ended))
    green(site, f"again: {name}")


def breakages(site):
    server, provider = site.server, site.provider(TARGET)
    iam, account = site.authority.client("iam", TARGET), ("serviceaccount", ACCOUNT, "-n", WORK)
    broken(site, "the annotation is removed", lambda: server.kubectl("annotate", *account, f"{ANNOTATION}-"),
           ("values", "role annotation"), (ANNOTATION, WORK))
    broken(site, "the annotation names another role", lambda: server.kubectl("annotate", "--overwrite", *account, f"{ANNOTATION}={ROLE}2"),
           ("values", "role annotation"), (f"{ROLE}2",))
    broken(site, "the provider's client ID is removed", lambda: iam.remove_client_id_from_open_id_connect_provider(
        OpenIDConnectProviderArn=provider, ClientID=STS), ("provider", "client id"), (STS,))
    broken(site, "the Secret is deleted", lambda: server.kubectl("delete", "secret", "aws-secret", "-n", WORK), ("values", "Secret"), (f"{WORK}/aws-secret",))
    other = json.dumps({"stringData": {"AWS_ROLE_ARN": f"arn:aws:iam::{TARGET}:role/Other"}})
    broken(site, "the Secret has another role", lambda: server.kubectl("patch", "secret", "aws-secret", "-n", WORK, "-p", other),
           ("values", "Secret"), ("role/Other",))
    broken(site, "the service account is deleted", lambda: server.kubectl("delete", *account), ("token", "service account"), (f"{WORK}/{ACCOUNT}",))


def rights(site):
    """What the caller may not see is unknown, with the right that is missing."""
    server, who = site.server, f"{OWN}:viewer"
    server.kubectl("create", "serviceaccount", "viewer", "-n", OWN)
    view = json.loads(server.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    url = view["clusters"][0]["cluster"]["server"]
    token = server.token(OWN, "viewer", "https://kubernetes.default.svc")
    file = kubeconfig(FOLDER / "viewer-kubeconfig", server, url, token)
    done = verify(site, file)
    unknown = checks(done, "unknown")
    for link, name in (("token", "service account"), ("token", "issued"), ("values", "Secret")):
        one = unknown.get((link, name), {})
        commands = one.get("commands", [""])
        case(f"without the right, {name} is unknown", "auth can-i" in commands[0] and "may not" in one["detail"], one)
        code, said = site.shell(commands[0])
        case(f"and the command for {name} says no", code == 1 and said.strip().splitlines()[-1] == "no", (commands, said))
    case("without any right nothing fails, and --strict does", done.code == 0 and not checks(done, "fail") and verify(site, file, "--strict").code == 1, done.out)
    rule = ("--verb=create", "--resource=serviceaccounts/token", f"--resource-name={ACCOUNT}")
    server.kubectl("create", "role", "tokens", "-n", WORK, *rule)
    server.kubectl("create", "rolebinding", "tokens", "-n", WORK, "--role=tokens", f"--serviceaccount={who}")
    done = verify(site, file)
    good, unknown = checks(done, "ok"), checks(done, "unknown")
    case("with the right to create the token alone, the sessions are tried", ("session", "assume the role") in good and ("token", "issued") in good, done.out)
    case("and the rest stays unknown", ("token", "service account") in unknown and ("values", "Secret") in unknown, done.out)
    loud = verify(site, file, ATTACHE_LOG="trace")
    case("the caller's own token is in no log", not JWT.search(loud.out + loud.log))
    proxy = Proxy(url)
    file = kubeconfig(FOLDER / "cut-kubeconfig", server, proxy.url, token)
    proxy.cut()
    done = verify(site, file)
    case("an API server that is away ends it with exit code 3", done.code == 3 and "could not be reached" in done.log and "error" in done.json(), (done.code, done.log))
    file = kubeconfig(FOLDER / "expired-kubeconfig", server, url, token[:-8] + "AAAAAAAA")
    done = verify(site, file)
    case("credentials that are not accepted too", done.code == 3 and "does not accept" in done.log and not JWT.search(done.out + done.log), (done.code, done.log))


def by_pod_identity(site):
    """With EKS Pod Identity no token is asked for: the service account alone has to be there."""
    federation = site.federation()
    spec = federation["spec"]
    del spec["issuer"], spec["source"]["trustStatements"]
    site.other = FOLDER / "pod-identity.yaml"
    site.other.write_text(yaml.safe_dump(federation | {"spec": spec | {"mode": "podIdentity", "cluster": {"name": "prod", "region": "us-east-1"}}}))
    done = site.attache("verify", "-f", site.other, "--live", "--kubeconfig", site.server.kubeconfig, "--output", "json")
    every = checks(done, "ok", "warn", "fail", "unknown")
    case("podIdentity: the service account is there, and no token is asked for", ("token", "service account") in checks(done, "ok")
         and not {("token", "issued"), ("token", "readable"), ("values", "Secret")} & set(every), (list(every), done.log))


def quickstart_arguments(site, *more):
    return ("quickstart", "--kubeconfig", site.server.kubeconfig, "--listen", "127.0.0.1:0", "--authority-listen", "127.0.0.1:0", *more)


def there(server, *what):
    code, out, _ = server.run("get", *what, "-o", "json")
    return json.loads(out) if code == 0 else None


def finalized(server):
    """A server without controllers never ends a namespace's deletion."""
    namespace = there(server, "namespace", QUICKSTART)
    if namespace and namespace["metadata"].get("deletionTimestamp"):
        namespace["spec"] = {"finalizers": []}
        server.run("replace", "--raw", f"/api/v1/namespaces/{QUICKSTART}/finalize", "-f", "-", text=json.dumps(namespace))
    return until(lambda: there(server, "namespace", QUICKSTART) is None, 60)


def quickstart(site):
    server, account = site.server, ("serviceaccount", ACCOUNT, "-n", QUICKSTART)
    done = site.attache(*quickstart_arguments(site, "--once", "--output", "json", "--data", FOLDER / "lab"))
    report = done.json()
    bad = [step for step in report.get("steps", []) if step["status"] != "ok"]
    case("quickstart --once --kubeconfig succeeds", done.code == 0 and report["steps"] and not bad, (done.code, bad, done.log))
    case("each account is scraped as its role", all("assumed-role/CauselyAccess" in one["identity_arn"] and one["resources"] for one in report["accounts"]), report)
    token = (FOLDER / "lab/token/token").read_text()
    claims = site.attache("token", "verify", FOLDER / "lab/token/token", "--jwks", site.jwks, "--issuer", site.issuer)
    case("its token is one that the API server signed", claims.code == 0 and token not in done.out + done.log, claims.log)
    said = done.log.split("made: ")
    case("what is made is told before it is made", "removed at the end" in said[0] and len(said) == 3, done.log)
    namespace = there(server, "namespace", QUICKSTART)
    case("what it made is removed", there(server, *account) is None and (namespace is None or "deletionTimestamp" in namespace["metadata"]), namespace)
    case("the namespace ends", finalized(server))
    stopped(site, account)
    server.kubectl("create", "namespace", QUICKSTART)
    server.kubectl("create", "serviceaccount", ACCOUNT, "-n", QUICKSTART)
    before = there(server, *account)["metadata"]
    done = site.attache(*quickstart_arguments(site, "--once"))
    case("what was there before is left as it is", done.code == 0 and there(server, *account)["metadata"] == before, (done.code, done.log))
    server.kubectl("delete", "namespace", QUICKSTART, "--wait=false")
    case("that namespace ends too", finalized(server))


def stopped(site, account):
    """Ctrl-C while it serves: what it made is removed all the same."""
    process = subprocess.Popen([ATTACHE, *(str(one) for one in quickstart_arguments(site))], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=site.environment)
    for line in process.stdout:
        if "Press Ctrl-C" in line:
            break
    case("while it serves, its service account is there", there(site.server, *account) is not None)
    process.send_signal(signal.SIGINT)
    said = process.stdout.read()
    case("Ctrl-C ends it", process.wait(30) == 0, said)
    case("and what it made is removed", there(site.server, *account) is None and finalized(site.server), said)


def main():
    begun = time.monotonic()
    with cluster() as server:
        print(f"Kubernetes {'.'.join(str(part) for part in server.version())}", flush=True)
        webhook = None
        for namespace in (OWN, WORK):
            server.kubectl("create", "namespace", namespace)
        site = Site(server)
        try:
            webhook = installed(site)
            one, variables = injected(site)
            exchanged(site, one, variables)
            traded(site, webhook, one)
            verified(site)
            breakages(site)
            rights(site)
            by_pod_identity(site)
            quickstart(site)
        finally:
            for process in webhook.processes if webhook else []:
                process.stop()
            for kind in ("mutatingwebhookconfiguration", "validatingwebhookconfiguration", "clusterrole", "clusterrolebinding"):
                for name in ("webhook", "agent"):
                    server.run("delete", kind, f"{OWN}-attache-{name}", "--ignore-not-found")
            for namespace in (OWN, WORK, QUICKSTART):
                server.run("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")
        case("the authority stops", site.authority.stop() == 0)
    print(f"the tests took {time.monotonic() - begun:.1f} s")
    finish()


main()
