/** Numbered from 1; a migration that was released is never edited. */
export const sqliteMigrations: readonly string[] = [
  `
  CREATE TABLE accounts (
    account TEXT PRIMARY KEY, account_id TEXT NOT NULL UNIQUE, era INTEGER NOT NULL, sequence INTEGER NOT NULL,
    hash TEXT NOT NULL, chain BLOB NOT NULL
  ) STRICT;
  CREATE TABLE lists (
    account TEXT NOT NULL, era INTEGER NOT NULL, sequence INTEGER NOT NULL, hash TEXT NOT NULL, list BLOB NOT NULL,
    PRIMARY KEY (account, era, sequence)
  ) STRICT;
  CREATE TABLE devices (
    device TEXT PRIMARY KEY, account TEXT NOT NULL, account_id TEXT NOT NULL, signing_key BLOB NOT NULL,
    epoch INTEGER NOT NULL, removed INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX devices_by_account ON devices (account);
  -- A number that is another one whenever a list was taken or a device went: what was read of them under it is good as long as it stands.
  -- It is drawn, not counted, so that a unit of work which came to nothing leaves none behind that comes again.
  CREATE TABLE directory (drawn INTEGER NOT NULL) STRICT;
  INSERT INTO directory VALUES (0);
  CREATE TRIGGER account_came AFTER INSERT ON accounts BEGIN
    UPDATE directory SET drawn = abs(random() % 9007199254740991);
  END;
  CREATE TRIGGER account_changed AFTER UPDATE ON accounts BEGIN
    UPDATE directory SET drawn = abs(random() % 9007199254740991);
  END;
  CREATE TRIGGER device_came AFTER INSERT ON devices BEGIN
    UPDATE directory SET drawn = abs(random() % 9007199254740991);
  END;
  CREATE TRIGGER device_went AFTER UPDATE OF removed ON devices BEGIN
    UPDATE directory SET drawn = abs(random() % 9007199254740991);
  END;
  CREATE TABLE signed_prekeys (
    device TEXT PRIMARY KEY, id INTEGER NOT NULL, prekey BLOB NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE prekeys (
    device TEXT NOT NULL, id INTEGER NOT NULL, hash BLOB NOT NULL, prekey BLOB, PRIMARY KEY (device, id)
  ) STRICT;
  CREATE INDEX prekeys_left ON prekeys (device, id) WHERE prekey IS NOT NULL;
  CREATE TABLE claims (
    account TEXT NOT NULL, device TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, device)
  ) STRICT;
  -- The last place in the order of mail that was given away.
  CREATE TABLE places (last INTEGER NOT NULL) STRICT;
  INSERT INTO places VALUES (0);
  -- What waits. A row goes when it is acknowledged; its place is given to no other.
  CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY, device TEXT NOT NULL, from_account_id TEXT NOT NULL, at INTEGER NOT NULL,
    stamped BLOB NOT NULL
  ) STRICT;
  CREATE INDEX mailbox_waiting ON mailbox (device, id, from_account_id);
  -- What came, as hashes that say nothing of who wrote to whom.
  CREATE TABLE triples (hash BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX triples_age ON triples (at);
  `,
  `
  -- How far each device had counted in the latest of what was stored of it: one that logs in and has not counted so far has forgotten some.
  -- Beside the devices, because it changes with every batch and they do not.
  CREATE TABLE device_sends (device TEXT PRIMARY KEY, sends INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
]
