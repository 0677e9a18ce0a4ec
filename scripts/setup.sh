#!/bin/sh
# Makes .venv from the lock file and fetches the JVM packages once. Safe to run again.
set -eu
cd "$(dirname "$0")/.."

stop() { echo "vigie: $1" >&2; exit 1; }

installable() { command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

system() {
    run=""; [ "$(id -u)" = 0 ] || run="sudo -n"
    echo "vigie: installing $* with apt-get" >&2
    { $run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends "$@"; } \
        >/dev/null || stop "apt-get could not install $*; install it yourself, then run make again"
}

python=""
for candidate in python3 python3.13 python3.12 python3.11; do
    if command -v $candidate >/dev/null 2>&1 && $candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'; then
        python=$candidate; break
    fi
done
[ -n "$python" ] || stop "Python 3.11, 3.12 or 3.13 is needed; install one and run make again"

java_version() { "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p'; }
version=$(java_version || true)
if [ "${version:-0}" -lt 17 ] 2>/dev/null; then
    installable || stop "Java 17 or newer is needed; install a JRE (for example openjdk-17-jre-headless) and run make again"
    system openjdk-17-jre-headless
fi

stamp=.venv/.vigie-$(cat requirements.lock pyproject.toml scripts/setup.sh claims/session.py | cksum | cut -d' ' -f1)
[ -e "$stamp" ] && exit 0

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    installable || stop "Python's venv module is needed; install python3-venv and run make again"
    system python3-venv
fi
echo "vigie: making .venv from the lock file" >&2
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --compile --require-hashes -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
echo "vigie: fetching the JVM packages" >&2
log=$(mktemp)
.venv/bin/python -m claims.session >"$log" 2>&1 \
    || { tail -n 20 "$log" >&2; rm -f "$log"; stop "the JVM packages could not be fetched; see the lines above"; }
rm -f "$log" .venv/.vigie-*
touch "$stamp"
