-- What nobody in particular is asked, a row each beside the account that asks it: of these there may be very many.

CREATE TABLE questions (
    account TEXT NOT NULL REFERENCES accounts (id),
    id      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    about   TEXT NOT NULL, -- the mail, file or payment that it is about; '' where it is about none
    state   TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX questions_by_about ON questions (account, about);
CREATE INDEX questions_by_kind ON questions (account, kind);

INSERT INTO questions (account, id, kind, about, state)
SELECT accounts.id, asked.key, json_extract(asked.value, '$.kind'),
       coalesce(json_extract(asked.value, '$.about.input'), json_extract(asked.value, '$.about.payment.id'),
                json_extract(asked.value, '$.about.credit_note.source'), ''),
       asked.value
FROM accounts, json_each(accounts.state, '$.questions') AS asked
WHERE substr(accounts.id, 1, 1) = '@';

UPDATE accounts SET state = json_set(state, '$.questions', json('{}'))
WHERE substr(id, 1, 1) = '@' AND json_type(state, '$.questions') = 'object';
