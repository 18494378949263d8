#!/usr/bin/env bash
# Installs what the end-to-end tests need and the machine lacks: a Chromium and
# rsyslog with omelasticsearch, redis, from the distribution. Where it cannot, it says what to
# install by hand.
set -euo pipefail

packages=()
chromium=
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then chromium=$name; fi
done
[ -n "$chromium" ] || packages+=(chromium fonts-dejavu-core)

rsyslog_module() { compgen -G '/usr/lib/*/rsyslog/omelasticsearch.so' >/dev/null || compgen -G '/usr/lib*/rsyslog/omelasticsearch.so' >/dev/null; }
PATH=$PATH:/usr/sbin
if ! command -v rsyslogd >/dev/null || ! rsyslog_module; then packages+=(rsyslog rsyslog-elasticsearch); fi

command -v redis-server >/dev/null || packages+=(redis-server)

[ ${#packages[@]} -gt 0 ] || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  exit 0
fi
if [ -z "$chromium" ]; then
  echo "The browser tests need Chromium: install the package chromium, or set PHAROS_CHROMIUM to a binary." >&2
  exit 1
fi
echo "The test of rsyslog is skipped: install the packages rsyslog and rsyslog-elasticsearch." >&2
