#!/bin/sh
# What the suite needs beside the Python packages: a Chromium for the browser test, and the library
# that its driver is linked with.
set -eu
has_tools() { command -v chromium >/dev/null 2>&1 && ldconfig -p | grep -q 'libatomic\.so\.1'; }
has_tools && exit 0
run=""; [ "$(id -u)" = 0 ] || run="sudo -n"
if command -v apt-get >/dev/null 2>&1 && { [ -z "$run" ] || $run true 2>/dev/null; }; then
    echo "vigie: installing chromium and libatomic1 with apt-get" >&2
    $run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends chromium libatomic1 >/dev/null && exit 0
fi
command -v chromium >/dev/null 2>&1 && exit 0
echo "vigie: the browser test needs chromium on the PATH; install it and run make test again" >&2
exit 1
