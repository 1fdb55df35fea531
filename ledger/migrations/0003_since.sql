-- Since which ledger sequence something waits: a reader can tell whether what it wrote has been carried on.
ALTER TABLE outbox ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE detection ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
