#!/bin/sh
# Sets up the virtual environment named in $1 and the system programs Loopwright uses. Safe to run again.
set -eu
venv=$1
python=${PYTHON:-python3}

"$python" - <<'PYTHON' || exit 2
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Loopwright needs Python 3.11 or newer, this is {sys.version.split()[0]}: set PYTHON=python3.11")
PYTHON

missing=""
command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
command -v rg >/dev/null 2>&1 || missing="$missing ripgrep"
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing$missing" >&2
    apt-get update -qq >/dev/null
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  else
    echo "setup: please install$missing (Debian/Ubuntu: sudo apt-get install$missing)" >&2
  fi
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
echo "setup: installing locked dependencies into $venv" >&2
# The lock is the whole answer: nothing is resolved anew, so a later release of a package cannot enter or stop the set-up.
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
"$venv/bin/python" -m pip check --disable-pip-version-check >/dev/null || {
  echo "setup: requirements.lock lacks something that a package needs; run: $venv/bin/python -m pip check" >&2
  exit 2
}
"$venv/bin/python" -m compileall -q -j 0 "$venv/lib" src >/dev/null 2>&1 || true
