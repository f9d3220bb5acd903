"""The end of a script that starts servers: stops all of them, and shows their logs after a failure."""

import os
import shutil
import sys


def run_and_clean_up(run, work, started):
    """Runs the cases without the caller's AWS settings. `started` has the processes, `work` is the folder with their
    logs and is deleted."""
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
