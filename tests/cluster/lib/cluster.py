"""A Kubernetes cluster for the tests: the one of KUBECONFIG, or an API server and etcd of this process's own.

    with cluster(issuer=URL) as c:
        c.kubectl("create", "namespace", "causely")

A server of our own listens on loopback only, has no controllers and no nodes (pods are admitted and stored, never
run), and ends with this process, however that ends.
"""

import base64
import contextlib
import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import build  # noqa: E402

# Of the form of EKS's, which AWS takes as a provider: https, no port.
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
PATIENCE = 90


class Cluster:
    """A cluster that kubectl reaches by a file of its own. `server_keys` is None, or the folder of the server's key files."""

    def __init__(self, kubeconfig, kubectl, server_keys=None):
        self.kubeconfig, self.program, self.server_keys = Path(kubeconfig), str(kubectl), server_keys

    def environment(self):
        """What another script needs to use this cluster."""
        keys = {"SERVICE_ACCOUNT_KEYS": str(self.server_keys)} if self.server_keys else {}
        return keys | {"KUBECONFIG": str(self.kubeconfig), "PATH": f"{Path(self.program).parent}:{os.environ['PATH']}"}

    def run(self, *arguments, text=None):
        """kubectl's exit code, standard output and standard error."""
        environment = os.environ | {"KUBECONFIG": str(self.kubeconfig)}
        done = subprocess.run([self.program, *arguments], input=text, text=True, capture_output=True, env=environment)
        return done.returncode, done.stdout, done.stderr

    def may(self, verb, what, account, *more):
        """Whether a user may do it to `RESOURCE`, `RESOURCE/SUBRESOURCE` or `KIND/NAME`, as kubectl answers it. To kubectl
        `serviceaccounts/token` is a service account of the name `token`."""
        if what == "serviceaccounts/token":
            what, more = "serviceaccounts", (*more, "--subresource=token")
        code, out, problem = self.run("auth", "can-i", verb, what, *more, f"--as={account}")
        if (code, out.strip()) not in ((0, "yes"), (1, "no")):
            raise RuntimeError(f"kubectl auth can-i {verb} {what}: {out}{problem}")
        return code == 0

    def kubectl(self, *arguments, text=None):
        code, out, problem = self.run(*arguments, text=text)
        if code:
            raise RuntimeError(f"kubectl {' '.join(arguments)}: {problem.strip()}")
        return out

    def raw(self, path):
        return self.kubectl("get", "--raw", path)

    def create(self, resource):
        """Creates an object, and returns it as the server answers it."""
        return json.loads(self.kubectl("create", "-f", "-", "-o", "json", text=json.dumps(resource)))

    def version(self):
        """(1, 20), for example. A provider's own version can follow after a dash or a plus sign."""
        major, minor = json.loads(self.raw("/version"))["gitVersion"].removeprefix("v").split(".")[:2]
        return int(major), int(minor)

    def issuer(self):
        return json.loads(self.raw("/.well-known/openid-configuration"))["issuer"]

    def keys(self):
        """The key set, as the server writes it."""
        return self.raw("/openid/v1/jwks")

    def token(self, namespace, account, audience, *more):
        return self.kubectl("create", "token", account, "-n", namespace, "--audience", audience, *more).strip()


class OwnCluster(Cluster):
    """An API server and etcd, whose state is a folder that goes with them."""

    def __init__(self, binaries, folder, issuer, *more):
        """`more` are other arguments of the API server."""
        self.folder, self.binaries, self.processes = Path(folder), binaries, []
        super().__init__(self.folder / "kubeconfig", binaries / "kubectl", self.folder / "keys")
        self.certificates = self.folder / "certificates"
        for made in (self.server_keys, self.certificates):
            made.mkdir()
        self.make_keys()
        self.admin = secrets.token_hex(16)
        self.private("tokens.csv", f"{self.admin},admin,1,system:masters\n")
        self.start(issuer, more)

    def private(self, name, text):
        path = self.folder / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(text)
        return path

    def make_keys(self):
        """sa.key and sa.pub as kubeadm writes them, and the public key of an earlier signer, which is an EC key."""
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.server_keys)
        openssl("genrsa", "-traditional", "-out", "sa.key", "2048")
        openssl("rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub")
        openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "earlier.key")
        openssl("ec", "-in", "earlier.key", "-pubout", "-out", "earlier.pub")

    def start(self, issuer, more):
        client, peer, server = free_ports(3)
        etcd, members = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
        self.spawn("etcd", "--data-dir", self.folder / "etcd", "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
                   "--listen-peer-urls", members, "--initial-advertise-peer-urls", members, "--initial-cluster", f"default={members}")
        keys = self.server_keys
        # Pods get their own token as newer servers give it: projected, not from a Secret that a controller makes.
        self.spawn("kube-apiserver", f"--etcd-servers={etcd}", f"--secure-port={server}", "--bind-address=127.0.0.1",
                   "--advertise-address=127.0.0.1", f"--cert-dir={self.certificates}", "--service-cluster-ip-range=10.0.0.0/24",
                   "--authorization-mode=RBAC", f"--token-auth-file={self.folder / 'tokens.csv'}", "--endpoint-reconciler-type=none",
                   f"--service-account-issuer={issuer}", f"--service-account-signing-key-file={keys / 'sa.key'}",
                   f"--service-account-key-file={keys / 'sa.pub'}", f"--service-account-key-file={keys / 'earlier.pub'}",
                   "--api-audiences=https://kubernetes.default.svc", "--feature-gates=BoundServiceAccountTokenVolume=true", *more)
        self.url = f"https://127.0.0.1:{server}"
        self.wait()
        certificate = base64.b64encode((self.certificates / "apiserver.crt").read_bytes()).decode()
        # YAML has room for JSON.
        self.private("kubeconfig", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": self.url, "certificate-authority-data": certificate}}],
            "users": [{"name": "admin", "user": {"token": self.admin}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}]}))

    def spawn(self, name, *arguments):
        """A process that the kernel ends when this one does."""
        with open(self.folder / f"{name}.log", "wb") as log:
            command = ["setpriv", "--pdeathsig", "KILL", str(self.binaries / name), *(str(one) for one in arguments)]
            self.processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and all(one.poll() is None for one in self.processes):
            with contextlib.suppress(OSError):
                if self.ready():
                    return
            time.sleep(0.2)
        logs = "".join(f"--- {log.name}\n{log.read_text()[-2000:]}\n" for log in self.folder.glob("*.log"))
        self.stop()
        raise RuntimeError(f"the API server did not get ready within {PATIENCE} s\n{logs}")

    def ready(self):
        context = ssl.create_default_context(cafile=self.certificates / "apiserver.crt")
        request = urllib.request.Request(f"{self.url}/readyz", headers={"Authorization": f"Bearer {self.admin}"})
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:
            return answer.read() == b"ok"

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_ports(count):
    """Ports that are free now. Another process may take one before it is used: then the start fails and says so."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextlib.contextmanager
def cluster(issuer=ISSUER):
    given = os.environ.get("KUBECONFIG")
    if given:
        keys = os.environ.get("SERVICE_ACCOUNT_KEYS")
        kubectl = shutil.which("kubectl") or build.build(build.FOLDER, ["kubectl"]) / "kubectl"
        yield Cluster(given, kubectl, Path(keys) if keys else None)
        return
    with own_cluster(issuer=issuer) as own:
        yield own


@contextlib.contextmanager
def own_cluster(*more, issuer=ISSUER):
    """A server of our own, whatever KUBECONFIG says. `more` are other arguments of the API server."""
    binaries, begun = build.build(build.FOLDER), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attache-cluster-") as folder:
        own = OwnCluster(binaries, folder, issuer, *more)
        try:
            print(f"the API server was ready after {time.monotonic() - begun:.1f} s", flush=True)
            yield own
        finally:
            own.stop()
