-- The ledger: entries, what was said, who is who, what was judged, looked at and found.
-- Entries and the audit chain hold numbers, keyed hashes and decisions; raw values and source ids live in tables
-- that an erasure can empty (record, *_payload, participation, judgement, finding*, quarantine).

CREATE TABLE entry (
  sequence INTEGER PRIMARY KEY,
  recorded_at TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  actor TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX entry_of_entity ON entry (subject, sequence) WHERE substr(kind, 1, 9) = 'identity.';
CREATE TRIGGER entry_never_updated BEFORE UPDATE ON entry
  BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
CREATE TRIGGER entry_never_deleted BEFORE DELETE ON entry
  BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END;

-- Person records: the version in force of each key; its content is the payload of `sequence`.
CREATE TABLE record (
  number INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  source_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  sequence INTEGER NOT NULL REFERENCES entry (sequence),
  first_sequence INTEGER NOT NULL REFERENCES entry (sequence),
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  content_hash BLOB NOT NULL,
  certificate TEXT,
  UNIQUE (source, source_id)
) STRICT;
CREATE TABLE record_payload (  -- every version said; a null body is a tombstone
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  number INTEGER NOT NULL,
  body TEXT
) STRICT;
CREATE INDEX record_payload_of ON record_payload (number);

-- Events, the same way; a participation names a record that may not have arrived yet.
CREATE TABLE event (
  number INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  source_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  sequence INTEGER NOT NULL REFERENCES entry (sequence),
  first_sequence INTEGER NOT NULL REFERENCES entry (sequence),
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  content_hash BLOB NOT NULL,
  certificate TEXT,
  bulk INTEGER NOT NULL DEFAULT 0 CHECK (bulk IN (0, 1)),
  UNIQUE (source, source_id)
) STRICT;
CREATE INDEX event_live ON event (bulk, number) WHERE live = 1;
CREATE TABLE event_payload (
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  number INTEGER NOT NULL,
  body TEXT,
  redacted INTEGER REFERENCES entry (sequence)  -- the entry whose erasure changed the body
) STRICT;
CREATE INDEX event_payload_of ON event_payload (number);
CREATE TABLE participation (
  source TEXT NOT NULL,
  source_id TEXT NOT NULL,
  event INTEGER NOT NULL REFERENCES event (number),
  PRIMARY KEY (source, source_id, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX participation_of ON participation (event);

-- Columnar segments of bulk kinds; the rows are Parquet beside this file.
CREATE TABLE segment (
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  rows INTEGER NOT NULL,
  rows_hash BLOB NOT NULL UNIQUE,
  file_hash BLOB NOT NULL,
  file TEXT NOT NULL
) STRICT;

CREATE TABLE source (
  name TEXT PRIMARY KEY,
  mapping TEXT,
  registered INTEGER NOT NULL DEFAULT 0,
  records INTEGER NOT NULL DEFAULT 0,
  events INTEGER NOT NULL DEFAULT 0,
  rows INTEGER NOT NULL DEFAULT 0,
  last_recorded_at TEXT
) STRICT, WITHOUT ROWID;

-- Entities are numbered by the entry that created them.
CREATE TABLE entity (
  number INTEGER PRIMARY KEY REFERENCES entry (sequence),
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  into_entity INTEGER REFERENCES entity (number),
  ended INTEGER REFERENCES entry (sequence),
  certificate TEXT
) STRICT;
CREATE INDEX entity_live ON entity (number) WHERE live = 1;
CREATE INDEX entity_into ON entity (into_entity) WHERE into_entity IS NOT NULL;
CREATE TABLE membership (
  record INTEGER PRIMARY KEY REFERENCES record (number),
  entity INTEGER NOT NULL REFERENCES entity (number)
) STRICT;
CREATE INDEX membership_of ON membership (entity);
-- The same over time: the sequences from which and until which a record was in an entity (null = still).
CREATE TABLE belonging (
  record INTEGER NOT NULL REFERENCES record (number),
  since INTEGER NOT NULL REFERENCES entry (sequence),
  entity INTEGER NOT NULL REFERENCES entity (number),
  until INTEGER REFERENCES entry (sequence),
  PRIMARY KEY (record, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX belonging_of ON belonging (entity);

CREATE TABLE judgement (
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  id TEXT NOT NULL,
  left_record INTEGER NOT NULL REFERENCES record (number),
  right_record INTEGER NOT NULL REFERENCES record (number),
  verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different', 'unsure', 'withdrawn')),
  version INTEGER NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  weight REAL,
  in_force INTEGER NOT NULL CHECK (in_force IN (0, 1)),
  reopened INTEGER REFERENCES entry (sequence)
) STRICT;
CREATE UNIQUE INDEX judgement_version ON judgement (left_record, right_record, version);
CREATE UNIQUE INDEX judgement_left ON judgement (left_record, right_record) WHERE in_force = 1;
CREATE INDEX judgement_of ON judgement (id);
CREATE INDEX judgement_right ON judgement (right_record) WHERE in_force = 1;

-- What incremental resolution keeps of the live records.
CREATE TABLE feature (
  number INTEGER PRIMARY KEY REFERENCES record (number),
  body TEXT NOT NULL,
  keys BLOB NOT NULL
) STRICT;
CREATE TABLE posting (
  key INTEGER NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (key, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE block (
  key INTEGER PRIMARY KEY,
  size INTEGER NOT NULL
) STRICT;
CREATE TABLE edge (
  left_record INTEGER NOT NULL,
  right_record INTEGER NOT NULL,
  weight REAL NOT NULL,
  PRIMARY KEY (left_record, right_record)
) STRICT, WITHOUT ROWID;
CREATE INDEX edge_right ON edge (right_record);
CREATE TABLE redo (key INTEGER PRIMARY KEY) STRICT;

-- Work that waits. AUTOINCREMENT: a position is never given twice.
CREATE TABLE outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL UNIQUE,
  gone INTEGER NOT NULL CHECK (gone IN (0, 1)),
  tries INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_turn ON outbox (gone, position);
CREATE TABLE detection (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  entity_id TEXT NOT NULL UNIQUE,
  sequence INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE finding (
  id TEXT PRIMARY KEY,
  pattern TEXT NOT NULL,
  state TEXT NOT NULL,
  severity TEXT NOT NULL,
  rank INTEGER NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL REFERENCES entry (sequence),
  updated INTEGER NOT NULL REFERENCES entry (sequence),
  said INTEGER NOT NULL REFERENCES entry (sequence),
  into_finding TEXT,
  certificate TEXT
) STRICT;
CREATE INDEX finding_order ON finding (rank, created) WHERE into_finding IS NULL;
CREATE TABLE finding_subject (
  finding TEXT NOT NULL REFERENCES finding (id),
  place INTEGER NOT NULL,
  role TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  PRIMARY KEY (finding, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_subject_entity ON finding_subject (entity_id);
CREATE TABLE finding_history (
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  finding TEXT NOT NULL REFERENCES finding (id),
  state TEXT NOT NULL,
  previous TEXT,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX finding_history_of ON finding_history (finding);
CREATE TABLE finding_reply (
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  finding TEXT NOT NULL REFERENCES finding (id),
  received_on TEXT NOT NULL,
  body TEXT NOT NULL,
  actor TEXT NOT NULL
) STRICT;
CREATE INDEX finding_reply_of ON finding_reply (finding);
-- A finding as each of its changes left it; `subjects` is JSON, [role, entity id] each.
CREATE TABLE finding_version (
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  id TEXT NOT NULL REFERENCES finding (id),
  pattern TEXT NOT NULL,
  state TEXT NOT NULL,
  severity TEXT NOT NULL,
  rank INTEGER NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  said INTEGER NOT NULL,
  into_finding TEXT,
  certificate TEXT,
  subjects TEXT NOT NULL
) STRICT;
CREATE INDEX finding_version_of ON finding_version (id, sequence);

-- What was erased: the certificate is kept, what it is about is not. A null `purged_at` or `graph_at` = the bytes in
-- the data folder's files, or in the files of another server's graph, are still to be overwritten.
CREATE TABLE erasure (
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  certificate TEXT NOT NULL UNIQUE,
  reason TEXT NOT NULL,
  counts TEXT NOT NULL,
  purged_at TEXT,
  graph_at TEXT
) STRICT;
CREATE TABLE retention (
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  days INTEGER NOT NULL CHECK (days > 0),
  PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID;

-- Who looked at what. `body` is the canonical JSON that the chain covers; audit_object only finds rows by object.
CREATE TABLE audit (
  position INTEGER PRIMARY KEY,
  recorded_at TEXT NOT NULL,
  body TEXT NOT NULL,
  mac BLOB NOT NULL
) STRICT;
CREATE TABLE audit_object (
  object TEXT NOT NULL,
  position INTEGER NOT NULL REFERENCES audit (position),
  PRIMARY KEY (object, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  position INTEGER NOT NULL,
  seal BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_never_updated BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_object_never_updated BEFORE UPDATE ON audit_object
  BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_object_never_deleted BEFORE DELETE ON audit_object
  BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  roles TEXT NOT NULL,
  source TEXT,
  loopback_only INTEGER NOT NULL CHECK (loopback_only IN (0, 1)),
  mac BLOB NOT NULL,
  created_at TEXT NOT NULL,
  revoked_at TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE page_token (
  mac BLOB PRIMARY KEY,
  key_id TEXT NOT NULL REFERENCES api_key (id),
  once INTEGER NOT NULL CHECK (once IN (0, 1)),
  expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  line INTEGER,
  field TEXT,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  payload TEXT,
  recorded_at TEXT NOT NULL,
  resolved_at TEXT,
  reason TEXT
) STRICT;
CREATE INDEX quarantine_open ON quarantine (source, line) WHERE resolved_at IS NULL;

CREATE TABLE model (
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  id TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
