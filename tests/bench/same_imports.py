"""The yardstick of memory: a bare Flask application that has imported all that one of our services imports.

BENCH_SERVICE names the service; its app module is imported, and nothing of it is made.
"""

import importlib
import os

from flask import Flask

_service = os.environ["BENCH_SERVICE"]
importlib.import_module(f"services.{_service}.app")
importlib.import_module(f"services.{_service}.settings")
app = Flask("same_imports")


@app.post("/page")
@app.get("/page")
def page() -> str:
    """Something."""
    return "something"
