-- Who may look at the dashboards. No address, no browser, no time of a login.
CREATE TABLE IF NOT EXISTS users (
    name     TEXT PRIMARY KEY,
    password TEXT NOT NULL, -- Argon2id, PHC string
    generation INTEGER NOT NULL DEFAULT 0 -- what this user's session cookies must carry
) STRICT;

CREATE TABLE IF NOT EXISTS tokens (
    hash    BLOB PRIMARY KEY, -- SHA-256; 32 random bytes need no slow hash
    name    TEXT NOT NULL,
    created REAL NOT NULL,
    revoked REAL
) STRICT;

CREATE TABLE IF NOT EXISTS login_links (
    hash    BLOB PRIMARY KEY,
    expires REAL NOT NULL,
    used    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE IF NOT EXISTS session_key (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    key  BLOB NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0 -- as above, for who came by a one-time link
) STRICT;

CREATE TABLE IF NOT EXISTS feeds (
    site   TEXT PRIMARY KEY,
    secret TEXT NOT NULL -- as it is, since the page shows it again; it opens what advertisers are told, and nothing else
) STRICT;
