#!/usr/bin/env bash
# The unit of systemd/ under a running systemd: installed as README.md says, in namespaces of its own over a throw-away copy of
# the root, with a password from LoadCredential, folders bound in read-only, a real Postfix and Dovecot. Shows that the locked-in
# daemon reads invoices by its workers, mails its digest, reloads, and stops at once. Needs root; exit 77 = cannot be tried here.
#
#   tests/service.sh BINARY      as `cargo build --release` made it
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
binary=$1
say() { echo "tests/service.sh: $*"; }
skip() { say "SKIPPED: $*"; exit 77; }
fail() {
    say "FAILED: $*"
    inside systemctl status --no-pager --lines=40 aanmaand || true
    exit 1
}

here=$(mktemp -d /tmp/aanmaand-unit.XXXXXX)
first=
tidy() {
    [ -z "$first" ] || kill -9 "$first" || true
    [ ! -e "$here/mail/env" ] || tests/servers.sh stop "$here/mail" || true
    rm -rf "$here"
}
trap tidy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Becomes the first process of a machine whose root is a copy of ours that is forgotten at the end.
cat >"$here/boot" <<'END'
set -e
here=$1
mount --make-rprivate /
mkdir "$here/over" "$here/root"
mount -t tmpfs tmpfs "$here/over"
mkdir "$here/over/new" "$here/over/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$here/over/new,workdir=$here/over/work" "$here/root"
cd "$here/root"
rm -f etc/systemd/system/*.wants/* usr/lib/systemd/system/*.wants/*
printf '[Unit]\nDescription=no more than is needed\nRequires=dbus.socket systemd-journald.service\n' >etc/systemd/system/default.target
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs tmpfs sys/fs/cgroup
mkdir sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd systemd sys/fs/cgroup/systemd || mount -t cgroup2 cgroup2 sys/fs/cgroup
for folder in run tmp dev; do mount -t tmpfs tmpfs $folder; done
for device in null zero full random urandom tty; do
    mknod -m 666 dev/$device c $((0x$(stat -c %t /dev/$device))) $((0x$(stat -c %T /dev/$device)))
done
mkdir dev/shm dev/pts old
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
pivot_root . old
umount -l /old
mount --make-rshared /
export container=other
exec /lib/systemd/systemd --system --log-target=null
END

boot() {
    unshare --pid --mount --uts --ipc --cgroup --fork --kill-child bash "$here/boot" "$here" </dev/null >"$here/log" 2>&1 &
    local tries=100 parent=$!
    until first=$(pgrep -P $parent) && [ "$(inside systemctl is-system-running 2>/dev/null)" = running ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] && kill -0 $parent 2>/dev/null || { tail -n 3 "$here/log"; skip "no systemd can be started in a namespace here"; }
        sleep 0.2
    done
}
inside() { nsenter -t "$first" -m -p -u -i -C -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }
put() { inside sh -c "cat >'$1' && chown '$2' '$1' && chmod '$3' '$1'"; } # FILE OWNER MODE
aanmaand() { inside runuser -u aanmaand -- aanmaand "$@"; }
soon() { # WHAT COMMAND…: within a minute
    local what=$1 tries=120
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "$what"
        sleep 0.5
    done
    say "$what"
}

[ "$(id -u)" = 0 ] || skip "only as root"
[ -x /lib/systemd/systemd ] || skip "no systemd is installed here"
command -v dbus-daemon >/dev/null || [ -e /usr/lib/systemd/system/dbus.socket ] || skip "no D-Bus is installed here"
boot

mkdir "$here/mail"
chmod 755 "$here"
PORTS=${PORTS:-26000} tests/servers.sh start "$here/mail" >/dev/null || skip "no Postfix and Dovecot here"
. "$here/mail/env"

# As in README.md, "Installing as a service".
put /usr/bin/aanmaand root:root 755 <"$binary"
put /usr/lib/systemd/system/aanmaand.service root:root 644 <systemd/aanmaand.service
put /usr/lib/sysusers.d/aanmaand.conf root:root 644 <systemd/aanmaand.sysusers
put /usr/lib/tmpfiles.d/aanmaand.conf root:root 644 <systemd/aanmaand.tmpfiles
inside sh -ec 'systemd-sysusers 2>/dev/null; systemd-tmpfiles --create aanmaand.conf; groupadd facturen
    mkdir -p /srv/facturen /srv/afschriften /etc/systemd/system/aanmaand.service.d
    chgrp facturen /srv/facturen /srv/afschriften; chmod 2750 /srv/facturen /srv/afschriften'
put /etc/aanmaand/secrets/mail-password root:root 600 <<<geheim-owner
put /etc/aanmaand/ca.pem root:root 644 <"$SERVERS_CA"
put /etc/systemd/system/aanmaand.service.d/override.conf root:root 644 <<'END'
[Service]
LoadCredential=mail-password:/etc/aanmaand/secrets/mail-password
BindReadOnlyPaths=/srv/facturen /srv/afschriften
SupplementaryGroups=facturen
END
mail_server() { # PORT
    printf 'host = "localhost"\nport = %s\nsecurity = "tls"\nuser = "owner"\npassword_credential = "mail-password"\nca_file = "ca.pem"\n' "$1"
}
put /etc/aanmaand/aanmaand.toml root:aanmaand 640 <<END
mode = "observe"
state = "/var/lib/aanmaand"
[company]
name = "Voorbeeldbedrijf B.V."
email = "owner@bedrijf.test"
iban = ["NL91ABNA0417164300"]
[owner]
email = "owner@bedrijf.test"
[digest]
at = "00:00"
[invoices]
folder = "/srv/facturen"
[statements]
folder = "/srv/afschriften"
[mailbox]
kind = "imap"
resolver = "off"
$(mail_server "$SERVERS_IMAPS_PORT")
[outgoing]
kind = "smtp"
$(mail_server "$SERVERS_SMTPS_PORT")
END
# An invoice that a worker reads, and a PDF that it refuses.
"$binary" demo --keep "$here/demo" >"$here/story"
put /srv/facturen/F1.xml root:facturen 640 <"$(ls "$here"/demo/invoices/*.xml | head -n 1)"
put /srv/facturen/F2.pdf root:facturen 640 <<<$'%PDF-1.4\n%%EOF'

inside aanmaand check >"$here/check" || { cat "$here/check"; fail "the configuration is refused"; }
inside systemctl daemon-reload
inside systemctl start aanmaand || fail "it does not start"
knows_the_invoice() { aanmaand --json cases | grep -q '"case":'; }
refuses_the_pdf() { aanmaand questions | grep -q F2.pdf; }
has_read_the_mailbox() { aanmaand status | grep -q 'mailbox  *read at'; }
has_mailed_its_digest() { grep -rqs '^Auto-Submitted: auto-generated' "$here/mail/mail/owner"; }
soon "a worker has read the invoice" knows_the_invoice
soon "a worker has refused the broken PDF" refuses_the_pdf
soon "the mailbox is read, with the password that systemd handed over" has_read_the_mailbox
soon "the digest has come" has_mailed_its_digest

inside systemctl reload aanmaand || fail "it does not reload"
inside aanmaand status >/dev/null || fail "root cannot look at it"
began=$SECONDS
inside systemctl restart aanmaand && inside systemctl stop aanmaand || fail "it does not start again and stop"
[ $((SECONDS - began)) -lt 20 ] || fail "it takes $((SECONDS - began)) s to stop"
[ "$(inside systemctl show -P Result aanmaand)" = success ] || fail "it did not end well"
! inside find /var/lib/aanmaand ! -user aanmaand | grep . || fail "somebody else owns its files"
say "reloads, starts again and stops; its files are its own"
