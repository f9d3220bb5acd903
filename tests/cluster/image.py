#!/usr/bin/env python3
"""The image of deploy/image: small, the same each time, and able to run as the chart runs it.

    image.py ATTACHE

Debian's skopeo reads it and umoci unpacks it. crun runs it with a read-only root, without capabilities and as an
ordinary user; where the kernel does not let crun, chroot and setpriv do, and the output says which.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
ATTACHE = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else sys.exit(__doc__)
LARGEST = 40_000_000
USER = 65532


def run(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, **more)


def case(name, ok, shown=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name}", flush=True)
    if not ok:
        sys.exit(str(shown)[-4000:])


def succeeds(name, *command, **more):
    done = run(*command, **more)
    case(name, done.returncode == 0, done.stdout + done.stderr)
    return done.stdout


def digest(folder):
    return json.loads((folder / "index.json").read_text())["manifests"][0]["digest"]


def in_crun(bundle, arguments):
    """Runs the program as the chart does."""
    path = bundle / "config.json"
    config = json.loads(path.read_text())
    config["process"] |= {"args": ["/usr/bin/attache", *arguments], "terminal": False, "noNewPrivileges": True}
    config["process"]["capabilities"] = {}
    config["root"]["readonly"] = True
    # The host's network, whose loopback alone the program uses.
    kept = [own for own in config["linux"]["namespaces"] if own["type"] not in ("network", "cgroup")]
    config["linux"] = {"namespaces": kept}
    config["mounts"] = [mount for mount in config["mounts"] if mount["type"] != "cgroup"]
    config["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]})
    path.write_text(json.dumps(config))
    return run("crun", "--cgroup-manager=disabled", "run", "--bundle", bundle, f"attache-{os.getpid()}")


def in_chroot(bundle, arguments):
    return run("chroot", f"--userspec={USER}:{USER}", bundle / "rootfs", "/usr/bin/attache", *arguments)


def main():
    with tempfile.TemporaryDirectory(prefix="attache-image-") as scratch:
        scratch = Path(scratch)
        build = ROOT / "deploy/image/build.py"
        first, second = scratch / "first", scratch / "second"
        print(succeeds("the image is built", sys.executable, build, ATTACHE, first, "--tag", "test").strip())
        succeeds("it is built again", sys.executable, build, ATTACHE, second, "--tag", "test")
        case("both are the same", digest(first) == digest(second))
        size = sum(blob.stat().st_size for blob in (first / "blobs/sha256").iterdir())
        case(f"it has {size / 1e6:.1f} MB, under {LARGEST / 1e6:.0f}", size < LARGEST)
        config = json.loads(succeeds("skopeo reads it", "skopeo", "inspect", "--config", f"oci:{first}:test"))
        case("its user is no root", config["config"]["User"] == f"{USER}:{USER}", config)
        bundle = scratch / "bundle"
        succeeds("umoci unpacks it", "umoci", "unpack", "--image", f"{first}:test", bundle)
        quickstart = ["quickstart", "--once", "--output", "json"]
        done, how = in_crun(bundle, quickstart), "crun"
        if done.returncode != 0:
            print(f"     crun does not start it here: {done.stderr.strip().splitlines()[-1:]}")
            (bundle / "rootfs/tmp").chmod(0o1777)
            done, how = in_chroot(bundle, quickstart), "chroot"
        case(f"quickstart runs in it, by {how}", done.returncode == 0, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        steps = report["steps"]
        case(f"its {len(steps)} steps are ok", steps and all(step["status"] == "ok" for step in steps), report)
    print("all cases passed")


if __name__ == "__main__":
    main()
