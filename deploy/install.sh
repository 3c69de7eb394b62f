#!/usr/bin/env bash
# Make .venv hold exactly what uv.lock says, with whatever this machine has: uv, or Python with venv, or Python with pip.
set -euo pipefail
python="${1:-python3}"
if [ -z "$python" ]; then
    echo "Werktor needs Python 3.11 or newer; none was found." >&2
    exit 1
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Werktor needs Python 3.11 or newer; $python is $("$python" -V)." >&2
    exit 1
}
if command -v uv >/dev/null; then
    exec uv sync --frozen --quiet --python "$python"
fi
tool=".make/uv"
if [ ! -x "$tool/bin/uv" ]; then
    mkdir -p .make
    rm -rf "$tool"
    if "$python" -m venv "$tool" 2>/dev/null; then
        "$tool/bin/python" -m pip install --quiet --disable-pip-version-check uv==0.13.9
    else
        # Debian without python3-venv: a venv without pip, filled by the pip outside it.
        rm -rf "$tool"
        "$python" -m venv --without-pip "$tool"
        "$python" -m pip --python "$tool/bin/python" install --quiet --disable-pip-version-check uv==0.13.9 || {
            echo "Neither uv nor venv nor pip is here. On Debian: apt-get install python3-venv" >&2
            exit 1
        }
    fi
fi
exec "$tool/bin/uv" sync --frozen --quiet --python "$python"
