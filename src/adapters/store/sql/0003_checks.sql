-- The words that a column may hold, no longer with IN: for more than two words SQLite makes a table of them at each row.
-- A CHECK can only be changed by making its table anew; references to these tables are by name and stay.

CREATE TABLE new_cases (
    id                TEXT PRIMARY KEY NOT NULL,
    account           TEXT NOT NULL REFERENCES accounts (id),
    number            TEXT NOT NULL UNIQUE,
    state             TEXT NOT NULL CHECK (state = 'open' OR state = 'held' OR state = 'closed'),
    open_minor        INTEGER NOT NULL,
    currency          TEXT NOT NULL,
    payment_reference TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO new_cases SELECT id, account, number, state, open_minor, currency, payment_reference FROM cases;
DROP TABLE cases;
ALTER TABLE new_cases RENAME TO cases;
CREATE INDEX cases_by_account ON cases (account);
CREATE INDEX cases_open ON cases (account) WHERE state <> 'closed';

CREATE TABLE new_inputs (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE CHECK (length(id) = 64), -- sha256 of the bytes
    kind        TEXT NOT NULL CHECK (kind = 'invoice' OR kind = 'statement' OR kind = 'mail'),
    name        TEXT NOT NULL,
    size        INTEGER NOT NULL CHECK (size >= 0),
    at          INTEGER NOT NULL,
    received_at INTEGER,
    disposition TEXT CHECK (disposition = 'applied' OR disposition = 'ignored' OR disposition = 'quarantined'), -- NULL: to be settled
    note        TEXT,
    settled_at  INTEGER,
    CHECK ((disposition IS NULL) = (note IS NULL) AND (disposition IS NULL) = (settled_at IS NULL))
) STRICT;
INSERT INTO new_inputs
SELECT n, id, kind, name, size, at, received_at, disposition, note, settled_at FROM inputs ORDER BY n;
DROP TABLE inputs;
ALTER TABLE new_inputs RENAME TO inputs;
CREATE INDEX inputs_to_settle ON inputs (n) WHERE disposition IS NULL;
CREATE INDEX inputs_quarantined ON inputs (n) WHERE disposition = 'quarantined';
CREATE TRIGGER inputs_are_settled_once BEFORE UPDATE OF disposition ON inputs
WHEN NOT (OLD.disposition IS NULL OR (OLD.disposition = 'quarantined' AND NEW.disposition IN ('applied', 'ignored')))
BEGIN SELECT RAISE(ABORT, 'this input is settled'); END;

CREATE TABLE new_input_names (
    kind TEXT NOT NULL CHECK (kind = 'invoice' OR kind = 'statement' OR kind = 'mail'),
    name TEXT NOT NULL,
    n    INTEGER NOT NULL REFERENCES inputs (n),
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
INSERT INTO new_input_names SELECT kind, name, n FROM input_names;
DROP TABLE input_names;
ALTER TABLE new_input_names RENAME TO input_names;
