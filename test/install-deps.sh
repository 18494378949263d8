#!/usr/bin/env bash
# Installs what the end-to-end tests need and the machine lacks: a Chromium from
# the distribution. Where it cannot, it says what to install by hand.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
  exit 0
fi
echo "The browser tests need Chromium: install the package chromium, or set PHAROS_CHROMIUM to a binary." >&2
exit 1
