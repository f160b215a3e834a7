#!/usr/bin/env bash
# A browser and its driver for the tests of the reports: what is there, else Debian's packages.
set -euo pipefail
if [ "${MILLRACE_BROWSER:-}" = none ]; then
    echo "MILLRACE_BROWSER=none: the reports are not looked at in a browser."
    exit 0
fi
if command -v chromedriver >/dev/null && command -v "${MILLRACE_BROWSER:-chromium}" >/dev/null; then
    exit 0
fi
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium chromium-driver >/dev/null
    exit 0
fi
echo "The tests of the reports need Chromium and chromedriver (Debian: apt-get install chromium chromium-driver)." >&2
echo "MILLRACE_BROWSER names another Chrome; MILLRACE_BROWSER=none leaves these tests out." >&2
exit 1
