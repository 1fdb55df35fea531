-- What is kept but neither shown nor used: a restriction, the records it withholds while it is in force, and the
-- findings that rest on them. `lifted` is the entry that ended it.
CREATE TABLE restriction (
  sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
  id TEXT NOT NULL UNIQUE,
  reason TEXT NOT NULL,
  lifted INTEGER REFERENCES entry (sequence)
) STRICT;
CREATE TABLE restricted_record (  -- of restrictions in force; `kin` = a record of the person of a `person` record
  record INTEGER NOT NULL REFERENCES record (number),
  restriction TEXT NOT NULL REFERENCES restriction (id),
  reach TEXT NOT NULL CHECK (reach IN ('record', 'person', 'kin')),
  PRIMARY KEY (record, restriction)
) STRICT, WITHOUT ROWID;
CREATE INDEX restricted_person ON restricted_record (record) WHERE reach = 'person';
CREATE TABLE restricted_finding (  -- `cleared`: the entry by which a pattern said it anew, without those records
  finding TEXT NOT NULL REFERENCES finding (id),
  restriction TEXT NOT NULL REFERENCES restriction (id),
  cleared INTEGER REFERENCES entry (sequence),
  PRIMARY KEY (finding, restriction)
) STRICT, WITHOUT ROWID;
