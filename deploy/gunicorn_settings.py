"""How gunicorn serves each service's web role; every value may be moved by the environment."""

import os

bind = os.environ.get("WERKTOR_BIND", "127.0.0.1:8001")
worker_class = "gthread"
workers = int(os.environ.get("WERKTOR_WEB_WORKERS", "2"))
threads = int(os.environ.get("WERKTOR_WEB_THREADS", "8"))
backlog = 2048
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = 20_000  # a slow leak in a library never becomes an outage
max_requests_jitter = 2_000
limit_request_line = 8190
limit_request_fields = 60
# One control socket per home directory would be shared by three services.
control_socket_disable = True
accesslog = None  # the application logs requests itself, without personal data
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - gunicorn's heartbeat file
