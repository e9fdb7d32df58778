#!/usr/bin/env bash
# Installs the servers that some tests talk to, or what is named, where it may. Never fails: what is missing is skipped.
# install-services.sh ["PROGRAM PACKAGE" ...]
set -uo pipefail
export PATH=$PATH:/usr/sbin:/sbin

# program   Debian package
services=(
    "mariadbd mariadb-server"
    "sshd openssh-server"
)
(($#)) && services=("$@")

missing=()
for service in "${services[@]}"; do
    read -r program package <<<"$service"
    command -v "$program" >/dev/null || missing+=("$package")
done
((${#missing[@]})) || exit 0

skip() {
    echo "$1; what needs ${missing[*]} will be skipped. Next step: apt-get install ${missing[*]}"
    exit 0
}
((EUID == 0)) || skip "Only root may install packages"
command -v apt-get >/dev/null || skip "There is no apt-get here"

# The packages' own services stay off: the tests start servers of their own.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
echo "Installing ${missing[*]} ..."
apt=(timeout 300 apt-get -qq -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=120)
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if "${apt[@]}" update >"$log" 2>&1 &&
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null; then
    rm -f "$log"
else
    tail -n 5 "$log"
    skip "They could not be installed (the whole log: $log)"
fi
