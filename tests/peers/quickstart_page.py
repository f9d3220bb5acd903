"""The quickstart's page in Chromium: each chain with a mark for each link, and the resources.

Usage: quickstart_page.py ATTACHE SCREENSHOT.png
"""

import json
import re
import signal
import subprocess
import sys
import tempfile

attache, screenshot = sys.argv[1:3]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-quic", "--window-size=1280,1500",
]


def chromium(*arguments):
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            ["chromium", *FLAGS, f"--user-data-dir={profile}", *arguments],
            capture_output=True, text=True, timeout=90, check=True,
        )
    return done.stdout


def first_json(stream):
    """Reads the report, one JSON document; the process continues to serve after it."""
    text = ""
    for line in stream:
        text += line
        if line.startswith("}"):
            return json.loads(text)
    raise SystemExit("the quickstart ended without a report")


server = subprocess.Popen(
    [attache, "quickstart", "--listen", "127.0.0.1:0", "--output", "json"],
    stdout=subprocess.PIPE, text=True,
)
try:
    report = first_json(server.stdout)
    url = report["page_url"]
    chromium(f"--screenshot={screenshot}", url)
    dom = chromium("--dump-dom", url)
    for account in report["accounts"]:
        assert account["identity_arn"] in dom, f"the page does not name {account['identity_arn']}"
    assert "<svg" in dom, "the chain is a picture"
    marks = re.findall(r'data-status="(\w+)"', dom.split("<body", 1)[1])
    assert len(marks) >= 5 * len(report["accounts"]), f"a mark at each link, got {marks}"
    assert set(marks) == {"ok"}, marks
    instance = re.search(r"\bi-[0-9a-f]{8,17}\b", dom)
    assert instance, "the resources' table shows an EC2 instance"
    print(f"ok  {len(marks)} links marked ok, {instance.group()} in the table, {screenshot} taken")
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=10) == 0, "Ctrl-C ends it cleanly"
    print("ok  Ctrl-C ended it with exit code 0")
finally:
    server.kill()
