"""How a script that starts servers ends: none of them is left, and a failure shows their logs."""

import os
import shutil
import sys


def run_and_clean_up(run, work, started):
    """Runs the script's cases without the caller's AWS settings. `started` are its processes, and
    `work` is the folder with their logs, which is removed."""
    try:
        for variable in ["AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_WEB_IDENTITY_TOKEN_FILE"]:
            os.environ.pop(variable, None)
        run()
    except BaseException:
        for log in work.glob("*.log"):
            print(f"--- {log.name}\n{log.read_text(encoding='utf-8')[-3000:]}", file=sys.stderr)
        raise
    finally:
        for process in started:
            process.kill()
            process.wait()
        shutil.rmtree(work, ignore_errors=True)
