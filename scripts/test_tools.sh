#!/bin/sh
# What the suite needs beside the Python packages: a Chromium for the browser test.
set -eu
command -v chromium >/dev/null 2>&1 && exit 0
run=""; [ "$(id -u)" = 0 ] || run="sudo -n"
if command -v apt-get >/dev/null 2>&1 && { [ -z "$run" ] || $run true 2>/dev/null; }; then
    echo "vigie: installing chromium with apt-get" >&2
    $run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "vigie: the browser test needs chromium on the PATH; install it and run make test again" >&2
exit 1
