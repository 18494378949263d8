#!/usr/bin/env bash
# Installs what the tests need and the machine lacks, from the distribution: a Chromium,
# rsyslog with omelasticsearch and TLS, syslog-ng, systemd's journal uploader, PostgreSQL
# and Redis. Where it cannot, it says what to install by hand.
set -euo pipefail

# Clients of other systems, for the doors' tests. Without npm these are skipped.
clients=$(dirname "$0")/clients
if command -v npm >/dev/null && [ ! -d "$clients/node_modules" ]; then
  npm install --prefix "$clients" --no-package-lock --no-audit --no-fund --loglevel=error >/dev/null ||
    echo "The test of npm clients is skipped: npm install in test/clients failed." >&2
fi

packages=()
chromium=
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then chromium=$name; fi
done
[ -n "$chromium" ] || packages+=(chromium fonts-dejavu-core)

rsyslog_module() { compgen -G '/usr/lib/*/rsyslog/omelasticsearch.so' >/dev/null || compgen -G '/usr/lib*/rsyslog/omelasticsearch.so' >/dev/null; }
PATH=$PATH:/usr/sbin
# What passes syslog on, also by TLS, and what uploads a journal.
compgen -G '/usr/lib/*/rsyslog/lmnsd_gtls.so' >/dev/null || packages+=(rsyslog-gnutls)
command -v syslog-ng >/dev/null || packages+=(syslog-ng-core)
[ -x /lib/systemd/systemd-journal-upload ] || packages+=(systemd-journal-remote)
if ! command -v rsyslogd >/dev/null || ! rsyslog_module; then packages+=(rsyslog rsyslog-elasticsearch); fi

compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
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
echo "Tests with other programs are skipped: install the packages ${packages[*]}." >&2
