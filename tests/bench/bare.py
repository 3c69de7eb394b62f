"""The yardstick of pages: one bare Flask route that answers the bytes of a file, or that nothing has changed."""

import os
from pathlib import Path

from flask import Flask, Response

app = Flask("bare")
_text = Path(os.environ["BENCH_BODY"]).read_text(encoding="utf-8") if "BENCH_BODY" in os.environ else "nothing"


@app.get("/page")
def page() -> str:
    """As many bytes as ours."""
    return _text


@app.get("/unchanged")
def unchanged() -> Response:
    """Nothing at all."""
    return Response(status=304)
