#!/usr/bin/env python3
"""Builds an OCI image of attache from nothing: the binary, the shared libraries that it loads, AWS's certificate
authorities among those of the system, and a user. No base image is pulled, and no container engine is needed.

    build.py BINARY DIRECTORY [--tag TAG]

DIRECTORY becomes an OCI image layout, which skopeo, crane and podman read:

    skopeo copy oci:DIRECTORY:TAG docker://registry.example.com/attache:TAG

The same binary and libraries give the same digest.
"""

import argparse
import gzip
import hashlib
import io
import json
import platform
import shutil
import subprocess
import tarfile
from pathlib import Path

# Who runs it: `nonroot` of other minimal images, and runAsUser of the chart.
USER = 65532
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
OCI = "application/vnd.oci.image"


def libraries(binary):
    """The shared objects that the loader names, by the path that it looks for them at."""
    listed = subprocess.run(["ldd", binary], check=True, capture_output=True, text=True).stdout
    paths = [word for line in listed.splitlines() for word in line.split() if word.startswith("/")]
    if not paths:
        raise SystemExit(f"ldd lists no library of {binary}")
    return [Path(path) for path in paths]


def entry(tar, name, data=None, mode=0o644, owner=0):
    info = tarfile.TarInfo(name.lstrip("/"))
    info.mode, info.uid, info.gid, info.mtime = mode, owner, owner, 0
    if data is None:
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
    else:
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))


def layer(binary):
    """The whole file system as a tar archive."""
    files = {"/usr/bin/attache": (binary.read_bytes(), 0o755),
             str(CERTIFICATES): (CERTIFICATES.read_bytes(), 0o644),
             "/etc/passwd": (f"attache:x:{USER}:{USER}::/:/usr/bin/attache\n".encode(), 0o644),
             "/etc/group": (f"attache:x:{USER}:\n".encode(), 0o644)}
    for library in libraries(binary):
        files[str(library)] = (library.read_bytes(), 0o755)
    folders = {str(parent) for name in files for parent in Path(name).parents if str(parent) != "/"}
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in sorted(folders):
            entry(tar, folder, mode=0o755)
        entry(tar, "/tmp", mode=0o1777)
        entry(tar, "/data", mode=0o700, owner=USER)
        for name, (data, mode) in sorted(files.items()):
            entry(tar, name, data, mode)
    return written.getvalue()


def put(blobs, data, kind):
    """Writes a blob under its digest, and returns its descriptor."""
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"mediaType": f"{OCI}.{kind}", "digest": f"sha256:{digest}", "size": len(data)}


def build(binary, folder, tag):
    version = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True)
    version = version.stdout.split()[1]
    tag = tag or version
    shutil.rmtree(folder, ignore_errors=True)
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)
    tar = layer(binary)
    contents = put(blobs, gzip.compress(tar, 9, mtime=0), "layer.v1.tar+gzip")
    config = put(blobs, json.dumps({
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "config": {"User": f"{USER}:{USER}", "Entrypoint": ["/usr/bin/attache"], "WorkingDir": "/",
                   "Env": [f"SSL_CERT_FILE={CERTIFICATES}"], "ExposedPorts": {"8080/tcp": {}},
                   "Labels": {"org.opencontainers.image.title": "attache",
                              "org.opencontainers.image.version": version,
                              "org.opencontainers.image.licenses": "Apache-2.0"}},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(tar).hexdigest()}"]},
    }).encode(), "config.v1+json")
    manifest = put(blobs, json.dumps({
        "schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json", "config": config, "layers": [contents],
    }).encode(), "manifest.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": tag}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
    print(f"{folder}: attache:{tag}, {contents['size'] / 1e6:.1f} MB compressed, {len(tar) / 1e6:.1f} MB unpacked, "
          f"{manifest['digest']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--tag", help="the image's tag; the version by default")
    given = parser.parse_args()
    build(given.binary.resolve(), given.directory, given.tag)


if __name__ == "__main__":
    main()
