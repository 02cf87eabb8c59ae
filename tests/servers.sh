#!/bin/sh
# A Postfix and a Dovecot of their own on loopback, for tests. Needs root; touches nothing outside DIR.
#
#   tests/servers.sh install     the Debian packages, without starting their daemons
#   tests/servers.sh start DIR   starts both, waits until they answer, writes DIR/env and prints it
#   tests/servers.sh stop DIR
#
# Users: owner and office1..15@bedrijf.test, customer1..3@klant.test; the login is the part before the @, the password
# "geheim-" + login; owner+anything@bedrijf.test reaches owner. weg@klant.test is taken at the door and comes back
# undelivered (5.1.1) a moment later. Port 465 + PORTS wants TLS and a login, port 25 + PORTS takes mail for the
# users from anybody, 143 and 993 + PORTS are IMAP. Access tokens (XOAUTH2, OAUTHBEARER) are good when whoever listens on port
# 80 + PORTS says so (a test). PORTS is 20000 unless set. DIR must be short and passable by all.
set -eu
PATH=$PATH:/usr/sbin:/sbin
PORTS=${PORTS:-20000}
fail() { echo "servers.sh: $*" >&2; exit 1; }

install() {
    policy=/usr/sbin/policy-rc.d
    [ -e $policy ] || { trap 'rm -f /usr/sbin/policy-rc.d' EXIT; printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; }
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends postfix dovecot-core dovecot-imapd dovecot-lmtpd openssl
}

# A daemon is ended only if its pid file names a process that is what we started.
end() { # PIDFILE NAME
    [ -s "$1" ] || return 0
    pid=$(tr -cd 0-9 <"$1")
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] || return 0
    kill "$pid"
    tries=100
    while [ -e "/proc/$pid" ] && [ $tries -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
}
stop() {
    end "$DIR/spool/pid/master.pid" master
    end "$DIR/run/master.pid" dovecot
}

certificates() {
    [ ! -s "$DIR/tls/server.pem" ] || return 0
    (
        cd "$DIR/tls"
        umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=test authority" \
            -keyout ca.key -out ca.pem -addext keyUsage=critical,keyCertSign
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout server.key -out server.csr
        echo "subjectAltName=DNS:localhost,IP:127.0.0.1" >names
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile names -out server.pem
    ) 2>"$DIR/log/openssl"
    chmod 644 "$DIR/tls/ca.pem" "$DIR/tls/server.pem"
}

users() {
    offices="office1 office2 office3 office4 office5 office6 office7 office8 office9 office10 office11 office12 office13 office14 office15"
    for user in owner $offices customer1 customer2 customer3; do
        case $user in owner | office*) domain=bedrijf.test ;; *) domain=klant.test ;; esac
        echo "$user:{PLAIN}geheim-$user" >&3
        echo "$user@$domain $user" >&4
        mkdir -p "$DIR/mail/$user"
        chown mail:mail "$DIR/mail/$user"
    done 3>"$DIR/etc/passwords" 4>"$DIR/etc/mailboxes"
    echo "weg@klant.test weg" >>"$DIR/etc/mailboxes"
    chown root:dovecot "$DIR/etc/passwords"
    chmod 640 "$DIR/etc/passwords"
}

dovecot_conf() {
    cat <<EOF
base_dir = $DIR/run
hostname = mail.bedrijf.test
state_dir = $DIR/run
log_path = $DIR/log/dovecot
protocols = imap lmtp
verbose_proctitle = yes
listen = 127.0.0.1
ssl = yes
ssl_cert = <$DIR/tls/server.pem
ssl_key = <$DIR/tls/server.key
auth_mechanisms = plain login xoauth2 oauthbearer
auth_username_format = %Ln
first_valid_uid = 1
mail_location = maildir:$DIR/mail/%n/Maildir
recipient_delimiter = +
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $DIR/etc/oauth2.conf
}
passdb {
  driver = passwd-file
  args = $DIR/etc/passwords
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$DIR/mail/%n
}
namespace {
  inbox = yes
  separator = /
  mailbox Junk {
    auto = create
    special_use = \Junk
  }
  mailbox Sent {
    auto = create
    special_use = \Sent
  }
}
service imap-login {
  inet_listener imap {
    port = $((PORTS + 143))
  }
  inet_listener imaps {
    port = $((PORTS + 993))
  }
}
service lmtp {
  unix_listener $DIR/spool/private/dovecot-lmtp {
    user = postfix
    mode = 0600
  }
}
service auth {
  unix_listener $DIR/spool/private/dovecot-auth {
    user = postfix
    mode = 0600
  }
}
EOF
}

oauth2_conf() {
    cat <<EOF
introspection_mode = get
introspection_url = http://127.0.0.1:$((PORTS + 80))/introspect?token=
username_attribute = username
username_format = %Ln
active_attribute = active
active_value = true
EOF
}

main_cf() {
    cat <<EOF
compatibility_level = 3.6
queue_directory = $DIR/spool
data_directory = $DIR/data
maillog_file = $DIR/log/postfix
maillog_file_prefixes = $DIR
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.bedrijf.test
mydestination =
mynetworks = 127.0.0.1
alias_maps =
local_recipient_maps =
recipient_delimiter = +
virtual_mailbox_domains = bedrijf.test klant.test
virtual_mailbox_maps = texthash:$DIR/etc/mailboxes
virtual_transport = lmtp:unix:private/dovecot-lmtp
virtual_alias_maps = inline:{ postmaster@bedrijf.test=owner@bedrijf.test }
default_transport = error:5.4.4 nothing leaves this test
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_tls_cert_file = $DIR/tls/server.pem
smtpd_tls_key_file = $DIR/tls/server.key
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/dovecot-auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_client_connection_rate_limit = 0
message_size_limit = 41943040
mailbox_size_limit = 0
biff = no
EOF
}

master_cf() {
    cat <<EOF
$((PORTS + 25)) inet n - n - - smtpd
$((PORTS + 465)) inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
$((PORTS + 587)) inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
EOF
}

answers() { # PORT
    tries=100
    while [ $tries -gt 0 ]; do
        openssl s_client -connect "127.0.0.1:$1" </dev/null >/dev/null 2>&1 && return
        sleep 0.1
        tries=$((tries - 1))
    done
    fail "nothing answers on port $1; see $DIR/log"
}

start() {
    [ "$(id -u)" = 0 ] || fail "Postfix must be started by root"
    for program in postfix dovecot openssl; do
        command -v $program >/dev/null || fail "$program is missing: run '$0 install'"
    done
    stop
    mkdir -p "$DIR/tls" "$DIR/etc" "$DIR/log" "$DIR/mail" "$DIR/run" "$DIR/spool" "$DIR/data"
    chmod 755 "$DIR" "$DIR/etc" "$DIR/log" "$DIR/mail" "$DIR/tls"
    chown postfix "$DIR/data"
    certificates
    users
    dovecot_conf >"$DIR/etc/dovecot.conf"
    oauth2_conf >"$DIR/etc/oauth2.conf"
    main_cf >"$DIR/etc/main.cf"
    master_cf >"$DIR/etc/master.cf"
    # No daemon may keep our output open: who reads it would wait for ever.
    { postfix -c "$DIR/etc" start && dovecot -c "$DIR/etc/dovecot.conf"; } </dev/null >"$DIR/log/start" 2>&1 || {
        cat "$DIR/log/start" >&2
        stop
        fail "they did not start"
    }
    answers $((PORTS + 465))
    answers $((PORTS + 993))
    cat >"$DIR/env" <<EOF
SERVERS_DIR=$DIR
SERVERS_HOST=localhost
SERVERS_CA=$DIR/tls/ca.pem
SERVERS_SMTP_PORT=$((PORTS + 25))
SERVERS_SMTPS_PORT=$((PORTS + 465))
SERVERS_SUBMISSION_PORT=$((PORTS + 587))
SERVERS_IMAP_PORT=$((PORTS + 143))
SERVERS_IMAPS_PORT=$((PORTS + 993))
SERVERS_TOKENS_PORT=$((PORTS + 80))
EOF
    cat "$DIR/env"
}

case "${1:-}" in
install) install ;;
start | stop)
    DIR=$(realpath -m -- "${2:?usage: $0 $1 DIR}")
    [ ${#DIR} -le 60 ] || fail "the path of DIR is too long for sockets"
    "$1"
    ;;
*) fail "usage: $0 install | start DIR | stop DIR" ;;
esac
