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

# syslog-ng and rsyslog exclude each other as packages of the system: syslog-ng is only
# unpacked, and a wrapper tells it where its parts are.
unpack_syslog_ng() {
  local root="$PWD/$clients/syslog-ng" download
  download="$(mktemp -d)"
  (cd "$download" && apt-get download -qq syslog-ng-core >/dev/null 2>&1) && dpkg -x "$download"/syslog-ng-core_*.deb "$root" || {
    echo "The test of syslog-ng is skipped: its package cannot be fetched." >&2
    return 0
  }
  rm -rf "$download"
  local module library
  module="$(find "$root/usr/lib" -name libafsocket.so -printf '%h\n' -quit)"
  library="$(find "$root/usr/lib" -name 'libsyslog-ng-*.so.0' -printf '%h\n' -quit)"
  mkdir -p "$(dirname "$syslog_ng")"
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s --module-path=%s "$@"\n' "$library" "$root/usr/sbin/syslog-ng" "$module" >"$syslog_ng"
  chmod +x "$syslog_ng"
}

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
syslog_ng=$clients/bin/syslog-ng
wants_syslog_ng() { ! command -v syslog-ng >/dev/null && [ ! -x "$syslog_ng" ]; }
if wants_syslog_ng; then packages+=(libivykis0 libnet1 libglib2.0-0 libjson-c5 libpcre3 libwrap0); fi
[ -x /lib/systemd/systemd-journal-upload ] || packages+=(systemd-journal-remote)
if ! command -v rsyslogd >/dev/null || ! rsyslog_module; then packages+=(rsyslog rsyslog-elasticsearch); fi

compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
command -v redis-server >/dev/null || packages+=(redis-server)

[ ${#packages[@]} -gt 0 ] || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  if wants_syslog_ng; then unpack_syslog_ng; fi
  exit 0
fi
if [ -z "$chromium" ]; then
  echo "The browser tests need Chromium: install the package chromium, or set PHAROS_CHROMIUM to a binary." >&2
  exit 1
fi
echo "Tests with other programs are skipped: install the packages ${packages[*]}." >&2
