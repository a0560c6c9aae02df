# Fluent's own logger for Python. What to send comes as JSON on stdin.
import json
import sys

from fluent import sender

task = json.load(sys.stdin)
logger = sender.FluentSender(task["tag"], host=task["host"], port=task["port"], nanosecond_precision=True)
for line in task["lines"]:
    if not logger.emit(None, {"message": line}):
        sys.exit(str(logger.last_error))
logger.close()
