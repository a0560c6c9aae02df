/** Each entry lifts the schema by one version; entries are only ever appended. Times are ISO UTC text unless named `_ms`. */
export const MIGRATIONS: readonly string[] = [
  `
  -- How far the pipeline has come, with all the state that a replay from there needs. One row.
  CREATE TABLE checkpoint (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    bundle TEXT NOT NULL,
    correlation TEXT NOT NULL
  );
  -- First position of every record that carried its sender's identity: a later record with the same key is a repeat.
  CREATE TABLE sender_ids (
    key BLOB PRIMARY KEY,
    seq INTEGER NOT NULL,
    received_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX sender_ids_by_age ON sender_ids (received_ms);
  `,
  `
  -- Incidents. Bounded lists are JSON; what is filtered, sorted or joined is a column.
  CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    agency TEXT NOT NULL,
    system TEXT,
    group_key TEXT NOT NULL,
    title TEXT NOT NULL,
    title_vi TEXT NOT NULL,
    state TEXT NOT NULL,
    verdict TEXT,
    level TEXT NOT NULL,
    priority INTEGER NOT NULL,
    priority_reasons TEXT NOT NULL,
    assignee TEXT,
    entity TEXT NOT NULL,
    entities TEXT NOT NULL,
    rules TEXT NOT NULL,
    attack TEXT NOT NULL,
    alert_count INTEGER NOT NULL,
    first_event_at TEXT NOT NULL,
    last_event_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    -- Lower case, without diacritics: what a search looks through.
    folded TEXT NOT NULL
  );
  CREATE INDEX incidents_by_group ON incidents (agency, group_key, last_event_at);
  CREATE INDEX incidents_by_priority ON incidents (priority, number);
  CREATE INDEX incidents_by_update ON incidents (updated_at, number);
  -- Which alert went where, and its highest version seen: applying one again changes nothing.
  CREATE TABLE incident_alerts (
    alert_id TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    version INTEGER NOT NULL,
    rule_id TEXT NOT NULL,
    level TEXT NOT NULL,
    seq INTEGER NOT NULL,
    event_at TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX incident_alerts_by_incident ON incident_alerts (incident_id, event_at, alert_id);

  -- Who changed what, when, from what, to what. Machine changes too.
  CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    code TEXT NOT NULL,
    params TEXT NOT NULL,
    before TEXT,
    after TEXT
  );
  CREATE INDEX history_by_subject ON history (subject_kind, subject_id, id);
  CREATE TRIGGER history_keeps_rows BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
  CREATE TRIGGER history_keeps_text BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

  -- A source that two agencies' credentials use is two rows, or one agency would read the other's counts.
  CREATE TABLE sources (
    source TEXT NOT NULL,
    agency TEXT NOT NULL,
    system TEXT,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    events INTEGER NOT NULL,
    dead_letters INTEGER NOT NULL,
    repeats INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (source, agency)
  ) WITHOUT ROWID;

  CREATE TABLE users (
    name TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- JSON: "all" or a list of agency keys.
    agencies TEXT NOT NULL,
    password TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    created_at TEXT NOT NULL
  ) WITHOUT ROWID;
  -- Of the secret a browser holds, only the SHA-256 is kept, in hex.
  CREATE TABLE sessions (
    digest TEXT PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES users (name),
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX sessions_by_user ON sessions (user_name);
  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    -- JSON: "all" or a list; an ingest token has exactly one.
    agencies TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TEXT,
    last_used_ms INTEGER,
    revoked_at TEXT
  ) WITHOUT ROWID;
  `,
  `
  -- A position means nothing without its spool.
  ALTER TABLE checkpoint ADD COLUMN spool TEXT NOT NULL DEFAULT '';
  `,
  `
  -- What became of every record, by hour of receipt. Events are told apart by the log sources they carry (JSON), so that what a
  -- rule met can be told when somebody asks, and counting costs the same however many rules there are.
  CREATE TABLE ledger (
    hour TEXT NOT NULL,
    bundle INTEGER NOT NULL,
    agency TEXT NOT NULL,
    what TEXT NOT NULL,
    sources TEXT NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (hour, bundle, agency, what, sources)
  ) WITHOUT ROWID;
  CREATE TABLE ledger_bundles (
    number INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE
  );
  -- A version of a rule is kept once, however many bundles have it.
  CREATE TABLE rule_versions (
    number INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    hash TEXT NOT NULL,
    runs INTEGER NOT NULL,
    logsource TEXT NOT NULL,
    UNIQUE (rule, hash, runs, logsource)
  );
  CREATE TABLE bundle_rules (
    bundle INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (bundle, version)
  ) WITHOUT ROWID;
  -- Positions worked off, and how many of them the ledger has an end for: the same number, or something was lost.
  CREATE TABLE ledger_spools (
    spool TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    through INTEGER NOT NULL,
    records INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  -- Records whose content was not understood: dead letters, and events that say so.
  ALTER TABLE sources ADD COLUMN parse_failures INTEGER NOT NULL DEFAULT 0;
  -- What the watch over sources knows of each, as of the checkpoint.
  CREATE TABLE source_health (
    key TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    agency TEXT NOT NULL,
    -- JSON, for people; and for the watch itself.
    health TEXT NOT NULL,
    state TEXT NOT NULL,
    habit BLOB
  ) WITHOUT ROWID;
  CREATE INDEX source_health_by_source ON source_health (source, agency);
  -- Its sense of time. One row.
  CREATE TABLE source_watch (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    clock TEXT NOT NULL
  );
  -- What it has to say and is not in the log yet.
  CREATE TABLE source_statements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sender_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    bytes TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  );
  `,
]
