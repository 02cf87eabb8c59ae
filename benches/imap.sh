#!/bin/sh
# Runs a command beside a Postfix and a Dovecot of their own, and throws away what they kept. Where they are is in
# AANMAAND_SERVERS. Needs root (tests/servers.sh), and mbsync (Debian: isync) for the comparison with it.
#
#   benches/imap.sh cargo bench --bench imap
set -eu
PATH=$PATH:/usr/sbin:/sbin
PORTS=${PORTS:-28000}
export PORTS
servers=$(dirname -- "$0")/../tests/servers.sh
dir=$(mktemp -d /tmp/imap-XXXXXX)
trap '"$servers" stop "$dir"; rm -rf "$dir"' EXIT
"$servers" start "$dir" >/dev/null
AANMAAND_SERVERS=$dir/env "$@"
