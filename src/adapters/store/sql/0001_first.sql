-- The memory of one administration. Instants are microseconds since 1970 (UTC), business dates are text YYYY-MM-DD.
-- The triggers hold whoever writes, also a person with a SQL shell: the journal only grows, a mail moves only along
-- its path, and what was written of it stays. Spelling of the words: src/store.rs.

PRAGMA application_id = 0x41414e4d; -- "AANM"

-- Accounts and cases: a projection of the journal.

CREATE TABLE accounts (
    id      TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    state   TEXT NOT NULL
) STRICT;

CREATE TABLE cases (
    id                TEXT PRIMARY KEY NOT NULL,
    account           TEXT NOT NULL REFERENCES accounts (id),
    number            TEXT NOT NULL UNIQUE,
    state             TEXT NOT NULL CHECK (state IN ('open', 'held', 'closed')),
    open_minor        INTEGER NOT NULL,
    currency          TEXT NOT NULL,
    payment_reference TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_by_account ON cases (account);
CREATE INDEX cases_open ON cases (account) WHERE state <> 'closed';

CREATE TABLE addresses (
    address TEXT NOT NULL, -- lower case
    account TEXT NOT NULL REFERENCES accounts (id),
    domain  TEXT NOT NULL,
    PRIMARY KEY (address, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_by_domain ON addresses (domain, account);
CREATE INDEX addresses_by_account ON addresses (account);

-- Journal: the truth.

CREATE TABLE journal (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    "on"    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    cause   TEXT NOT NULL,
    fact    TEXT NOT NULL,
    hash    BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX journal_by_account ON journal (account, seq);

CREATE TRIGGER journal_rows_are_not_changed BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_rows_are_not_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER journal_grows_at_its_end BEFORE INSERT ON journal
WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM journal)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Inputs: everything that came in, byte for byte.

CREATE TABLE inputs (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE CHECK (length(id) = 64), -- sha256 of the bytes
    kind        TEXT NOT NULL CHECK (kind IN ('invoice', 'statement', 'mail')),
    name        TEXT NOT NULL,
    size        INTEGER NOT NULL CHECK (size >= 0),
    at          INTEGER NOT NULL,
    received_at INTEGER,
    disposition TEXT CHECK (disposition IN ('applied', 'ignored', 'quarantined')), -- NULL: to be settled
    note        TEXT,
    settled_at  INTEGER,
    CHECK ((disposition IS NULL) = (note IS NULL) AND (disposition IS NULL) = (settled_at IS NULL))
) STRICT;
CREATE INDEX inputs_to_settle ON inputs (n) WHERE disposition IS NULL;
CREATE INDEX inputs_quarantined ON inputs (n) WHERE disposition = 'quarantined';

CREATE TABLE input_bytes (
    n     INTEGER PRIMARY KEY REFERENCES inputs (n),
    bytes BLOB NOT NULL
) STRICT;

-- The input last seen under a name.
CREATE TABLE input_names (
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'statement', 'mail')),
    name TEXT NOT NULL,
    n    INTEGER NOT NULL REFERENCES inputs (n),
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE mails (
    folder      TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid         INTEGER NOT NULL,
    name        TEXT NOT NULL,
    n           INTEGER NOT NULL REFERENCES inputs (n),
    PRIMARY KEY (folder, uidvalidity, uid, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    folder      TEXT PRIMARY KEY NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER inputs_are_settled_once BEFORE UPDATE OF disposition ON inputs
WHEN NOT (OLD.disposition IS NULL OR (OLD.disposition = 'quarantined' AND NEW.disposition IN ('applied', 'ignored')))
BEGIN SELECT RAISE(ABORT, 'this input is settled'); END;

-- Outbox: one row per mail and life; a withdrawn mail keeps its row.

CREATE TABLE outbox (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL,
    account    TEXT,
    purpose    TEXT NOT NULL CHECK (purpose IN ('letter', 'digest')),
    state      TEXT NOT NULL CHECK (
        -- Not IN: for more than two words SQLite would make a table of them at each move.
        state = 'ready' OR state = 'sending' OR state = 'dot_intent' OR state = 'sent' OR
        state = 'rejected' OR state = 'unknown' OR state = 'withdrawn' OR state = 'bounced'),
    message_id TEXT NOT NULL,
    token      TEXT,
    sender     TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    own_copy   TEXT,
    subject    TEXT NOT NULL,
    sha256     TEXT NOT NULL CHECK (length(sha256) = 64),
    attempts   INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_try   INTEGER,
    note       TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    sent_at    INTEGER CHECK (sent_at IS NULL OR state IN ('sent', 'bounced')),
    live       INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1)) -- 0: withdrawn; the unique indexes change then only
) STRICT;
CREATE UNIQUE INDEX outbox_one_life ON outbox (id) WHERE live = 1;
CREATE UNIQUE INDEX outbox_one_message_id ON outbox (message_id) WHERE live = 1;
CREATE INDEX outbox_by_id ON outbox (id, n);
CREATE INDEX outbox_by_message_id ON outbox (message_id, n);
CREATE INDEX outbox_by_token ON outbox (token, n) WHERE token IS NOT NULL;
CREATE INDEX outbox_by_state ON outbox (state, n);
CREATE INDEX outbox_accepted ON outbox (sent_at) WHERE purpose = 'letter' AND sent_at IS NOT NULL;

CREATE TABLE outbox_bytes (
    n     INTEGER PRIMARY KEY REFERENCES outbox (n),
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE covers (
    n       INTEGER NOT NULL REFERENCES outbox (n),
    place   INTEGER NOT NULL,
    case_id TEXT NOT NULL,
    step    TEXT NOT NULL,
    live    INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1)), -- 0: its mail was withdrawn
    PRIMARY KEY (n, place)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX covers_each_step_once ON covers (case_id, step) WHERE live = 1;

CREATE TRIGGER outbox_begins_ready BEFORE INSERT ON outbox
WHEN NEW.state <> 'ready' OR EXISTS (SELECT 1 FROM outbox WHERE n = NEW.n)
BEGIN SELECT RAISE(ABORT, 'a mail begins as ready'); END;

CREATE TRIGGER outbox_mails_are_not_replaced BEFORE INSERT ON outbox
WHEN EXISTS (SELECT 1 FROM outbox WHERE id = NEW.id AND live = 1)
  OR EXISTS (SELECT 1 FROM outbox WHERE message_id = NEW.message_id AND live = 1)
BEGIN SELECT RAISE(ABORT, 'this mail exists'); END;

CREATE TRIGGER outbox_moves_along_its_path BEFORE UPDATE OF state ON outbox
WHEN CASE OLD.state
    WHEN 'ready' THEN NEW.state NOT IN ('sending', 'withdrawn')
    WHEN 'sending' THEN NEW.state NOT IN ('ready', 'dot_intent') AND NEW.state NOT IN ('rejected', 'withdrawn')
    WHEN 'dot_intent' THEN NEW.state NOT IN ('sent', 'rejected') AND NEW.state NOT IN ('ready', 'unknown')
    WHEN 'rejected' THEN NEW.state <> 'withdrawn'
    WHEN 'unknown' THEN NEW.state NOT IN ('sent', 'ready') AND NEW.state NOT IN ('withdrawn', 'bounced')
    WHEN 'sent' THEN NEW.state <> 'bounced'
    ELSE 1 END
BEGIN SELECT RAISE(ABORT, 'a mail does not go this way'); END;

CREATE TRIGGER outbox_frees_what_was_withdrawn AFTER UPDATE OF state ON outbox WHEN NEW.state = 'withdrawn'
BEGIN UPDATE outbox SET live = 0 WHERE n = NEW.n; UPDATE covers SET live = 0 WHERE n = NEW.n; END;

CREATE TRIGGER outbox_lives_until_withdrawn BEFORE UPDATE OF live ON outbox
WHEN NEW.live <> (NEW.state <> 'withdrawn') BEGIN SELECT RAISE(ABORT, 'a mail lives until it is withdrawn'); END;

CREATE TRIGGER outbox_keeps_what_was_written BEFORE UPDATE OF n, id, account, purpose, message_id, token, sender,
    recipient, own_copy, subject, sha256, created_at ON outbox
BEGIN SELECT RAISE(ABORT, 'a mail is not changed'); END;
CREATE TRIGGER outbox_keeps_its_rows BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'a mail is not deleted'); END;
CREATE TRIGGER outbox_bytes_are_final BEFORE UPDATE ON outbox_bytes
BEGIN SELECT RAISE(ABORT, 'a mail is not changed'); END;
CREATE TRIGGER covers_keep_what_was_written BEFORE UPDATE OF n, place, case_id, step ON covers
BEGIN SELECT RAISE(ABORT, 'a mail is not changed'); END;
CREATE TRIGGER covers_stay_withdrawn BEFORE UPDATE OF live ON covers
WHEN NEW.live <> (SELECT state <> 'withdrawn' FROM outbox WHERE n = OLD.n)
BEGIN SELECT RAISE(ABORT, 'only a withdrawn mail frees what it covered'); END;
CREATE TRIGGER covers_keep_their_rows BEFORE DELETE ON covers
BEGIN SELECT RAISE(ABORT, 'a mail is not changed'); END;
CREATE TRIGGER covers_are_not_replaced BEFORE INSERT ON covers
WHEN EXISTS (SELECT 1 FROM covers WHERE case_id = NEW.case_id AND step = NEW.step AND live = 1)
BEGIN SELECT RAISE(ABORT, 'this step is covered'); END;

-- Small things.

CREATE TABLE seen (
    kind TEXT NOT NULL,
    key  TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
