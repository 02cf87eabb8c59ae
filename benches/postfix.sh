#!/bin/sh
# Runs a command beside a Postfix of its own that queues every mail, with all its syncs, and then throws it away, so that
# the disk does not fill. Its port is in AANMAAND_POSTFIX. Needs root (tests/servers.sh).
#
#   benches/postfix.sh cargo bench --bench post
set -eu
PATH=$PATH:/usr/sbin:/sbin
PORTS=${PORTS:-27000}
export PORTS
servers=$(dirname -- "$0")/../tests/servers.sh
dir=$(mktemp -d /tmp/post-XXXXXX)
trap '"$servers" stop "$dir"; rm -rf "$dir"' EXIT
"$servers" start "$dir" >/dev/null
postconf -c "$dir/etc" -M discard/unix="discard unix - - n - - discard"
postconf -c "$dir/etc" virtual_transport=discard: in_flow_delay=0
postfix -c "$dir/etc" reload 2>/dev/null
sleep 1
AANMAAND_POSTFIX=$((PORTS + 25)) "$@"
