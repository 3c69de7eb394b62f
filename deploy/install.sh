#!/usr/bin/env bash
# Make .venv hold exactly what uv.lock says, with whatever this machine has: uv, or Python with venv, or Python with pip.
set -euo pipefail

UV_VERSION=0.13.9
own_uv=.make/uv/bin/uv

# The system's own comes first: distributions build it with profile-guided optimisation, `pyenv install` does not, and
# everything then takes a quarter longer (docs/decisions/0023-the-systems-python.md).
list_pythons() {
    for candidate in "${PY:-}" /usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.14; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
        fi
    done
}

# uv runs by itself; Python is only needed to fetch it, and any that can will do.
install_uv() {
    local python
    for python in "${pythons[@]}"; do
        rm -rf .make/uv
        mkdir -p .make
        if "$python" -m venv .make/uv >/dev/null 2>&1; then
            .make/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" && return
        fi
        # Debian without python3-venv: an environment without pip, filled by the pip outside it.
        rm -rf .make/uv
        "$python" -m venv --without-pip .make/uv 2>.make/why &&
            "$python" -m pip --python .make/uv/bin/python install --quiet --disable-pip-version-check \
                "uv==$UV_VERSION" 2>.make/why && return
    done
    cat .make/why >&2
    echo "Neither uv nor venv nor pip is here. On Debian: apt-get install python3-venv" >&2
    exit 1
}

mapfile -t pythons < <(list_pythons)
if [ "${#pythons[@]}" -eq 0 ]; then
    echo "Werktor needs Python 3.11 to 3.14, and none was found (PY= names one)." >&2
    exit 1
fi
uv=$(command -v uv || true)
if [ -z "$uv" ] || ! "$uv" --version >/dev/null 2>&1; then
    uv=$own_uv
    [ -x "$uv" ] && "$uv" --version >/dev/null 2>&1 || install_uv
fi
# Compiled now: where nobody may write bytecode, every process would otherwise compile 1,500 modules at its start.
exec "$uv" sync --frozen --quiet --compile-bytecode --python "${pythons[0]}"
