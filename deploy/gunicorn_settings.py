"""How gunicorn serves each service's web role; every value may be moved by the environment."""

import gc
import os
import shutil
import tempfile
from typing import Any

bind = os.environ.get("WERKTOR_BIND", "127.0.0.1:8001")
worker_class = "deploy.web_worker.WebWorker"
workers = int(os.environ.get("WERKTOR_WEB_WORKERS", "2"))
threads = int(os.environ.get("WERKTOR_WEB_THREADS", "8"))
backlog = 2048
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = 500_000  # a slow leak never becomes an outage; a kept page at full speed is not a new process in 10 s
max_requests_jitter = 100_000  # never both at once
limit_request_line = 8190
limit_request_fields = 60
# One control socket per home directory would be shared by three services.
control_socket_disable = True
accesslog = None  # the application logs requests itself, without personal data
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - gunicorn's heartbeat file

# The workers write their figures into a folder of their own, this process answers for all of them. prometheus_client
# looks for the variable when it is imported, which happens in the workers.
_METRICS = os.environ.get("WERKTOR_METRICS_BIND", "")
if _METRICS:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="werktor-metrics-", dir=worker_tmp_dir)


def post_worker_init(_worker: Any) -> None:
    """What is loaded stays for good: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def when_ready(server: Any) -> None:
    """Answer /metrics on the internal address."""
    if _METRICS:
        from deploy import web_metrics  # noqa: PLC0415 - must come after the variable is set

        web_metrics.serve(_METRICS, service=server.app.app_uri.split(".")[1], web=server.LISTENERS[0].getsockname())


def child_exit(_server: Any, worker: Any) -> None:
    """What a worker counted stays counted; only its living gauges go."""
    getattr(worker, "leave", lambda: None)()  # another worker_class may be asked for
    if _METRICS:
        from deploy import web_metrics  # noqa: PLC0415 - as above

        web_metrics.forget(worker.pid)


def on_exit(_server: Any) -> None:
    """Leave nothing behind."""
    if _METRICS:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
