#!/bin/sh
# A thousand letters end to end, as one process on the real clock: it reads the invoices, plans, renders, sends to a server
# on this machine that keeps nothing, and exits. Prints wall time and peak memory. Needs GNU time and a release build.
#
#   benches/thousand.sh [LETTERS]
set -eu
cd "$(dirname -- "$0")/.."
letters=${1:-1000}
cargo build --release --locked --quiet
dir=$(mktemp -d "${TMPDIR:-/tmp}/thousand-XXXXXX")
sink=
trap '[ -z "$sink" ] || kill "$sink"; rm -rf "$dir"' EXIT
program=$(cargo bench --locked --bench post --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"name":"post".*"executable":"\([^"]*\)".*/\1/p')
"$program" sink >"$dir/port" &
sink=$!
while [ ! -s "$dir/port" ]; do sleep 0.1; done

mkdir "$dir/invoices"
issued=$(date -d '40 days ago' +%F) due=$(date -d '10 days ago' +%F) n=0
while [ "$n" -lt "$letters" ]; do
    n=$((n + 1))
    cat >"$dir/invoices/$n.toml" <<EOF
number = "2026-$((100000 + n))"
date = $issued
due = $due
currency = "EUR"
total = "$n.50"
description = "Schilderwerk"
[debtor]
id = "K$n"
name = "Klant $n B.V."
email = "administratie@klant$n.example"
kind = "business"
country = "NL"
language = "nl"
EOF
done
cat >"$dir/aanmaand.toml" <<EOF
mode = "auto"
[company]
name = "Voorbeeldbedrijf B.V."
email = "debiteuren@voorbeeldbedrijf.example"
iban = ["NL91ABNA0417164300"]
[owner]
email = "eigenaar@voorbeeldbedrijf.example"
[invoices]
folder = "invoices"
overdue_at_first_sight = "open"
[mailbox]
kind = "maildir"
folder = "mailbox"
[outgoing]
kind = "smtp"
host = "localhost"
port = $(cat "$dir/port")
security = "plain"
[sending]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
window = ["00:00", "23:59"]
per_day = 100000
per_minute = 0
burst = 0
EOF
/usr/bin/time -f "%e s wall, %U s user, %S s system, %M kB at the peak" \
    target/release/aanmaand --config "$dir/aanmaand.toml" run --once
sent=$(target/release/aanmaand --config "$dir/aanmaand.toml" --json cases | grep -c '"step":"reminder"') || true
echo "$sent letters left"
[ "$sent" = "$letters" ]
