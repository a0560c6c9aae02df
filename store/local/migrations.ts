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
  `
  -- SHA-256 over the row and the hash of the row before it. Empty: from before there was a chain; the first chained row covers those.
  ALTER TABLE history ADD COLUMN hash TEXT NOT NULL DEFAULT '';
  CREATE INDEX history_by_actor ON history (actor, id);

  -- Where its alerts went when it was merged.
  ALTER TABLE incidents ADD COLUMN merged_into TEXT;
  -- JSON: the states it came to, with times.
  ALTER TABLE incidents ADD COLUMN life TEXT NOT NULL DEFAULT '[]';
  -- JSON: what decides which legal deadlines apply.
  ALTER TABLE incidents ADD COLUMN legal TEXT NOT NULL DEFAULT '{}';
  -- The rule whose alert opened it and that alert's event time: how many a rule opens at once tells a storm.
  ALTER TABLE incidents ADD COLUMN opened_rule TEXT NOT NULL DEFAULT '';
  ALTER TABLE incidents ADD COLUMN opened_event_at TEXT NOT NULL DEFAULT '';
  CREATE INDEX incidents_by_opening ON incidents (agency, opened_rule, opened_event_at);
  CREATE INDEX incidents_by_state ON incidents (state, priority, number);

  -- What an alert says to its incident. The alerts of a storm say the same: they share a row.
  CREATE TABLE alert_facts (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    facts TEXT NOT NULL
  );
  ALTER TABLE incident_alerts ADD COLUMN facts INTEGER;
  ALTER TABLE incident_alerts ADD COLUMN first_at TEXT;
  ALTER TABLE incident_alerts ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
  -- Which alerts a merge or a split took along, so that it can be undone exactly.
  CREATE TABLE incident_moves (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    source TEXT NOT NULL REFERENCES incidents (id),
    target TEXT NOT NULL REFERENCES incidents (id),
    at TEXT NOT NULL,
    undone_at TEXT
  );
  CREATE INDEX incident_moves_by_source ON incident_moves (source);
  CREATE INDEX incident_moves_by_target ON incident_moves (target);
  CREATE TABLE moved_alerts (
    move INTEGER NOT NULL REFERENCES incident_moves (id),
    alert_id TEXT NOT NULL,
    PRIMARY KEY (move, alert_id)
  ) WITHOUT ROWID;

  -- Numbered within their incident, like attachments: a number over all would tell one agency how much another one writes.
  CREATE TABLE comments (
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    id INTEGER NOT NULL,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    -- Markdown, as it was written.
    body TEXT NOT NULL,
    PRIMARY KEY (incident_id, id)
  ) WITHOUT ROWID;
  CREATE TABLE watchers (
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    user_name TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (incident_id, user_name)
  ) WITHOUT ROWID;
  CREATE INDEX watchers_by_user ON watchers (user_name);
  -- Steps of playbooks that were done, and tasks that people added.
  CREATE TABLE tasks (
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    title_vi TEXT NOT NULL,
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL,
    done_at TEXT,
    done_by TEXT,
    PRIMARY KEY (incident_id, key)
  ) WITHOUT ROWID;
  CREATE TABLE incident_links (
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    other_id TEXT NOT NULL REFERENCES incidents (id),
    relation TEXT NOT NULL,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (incident_id, other_id, relation)
  ) WITHOUT ROWID;
  CREATE INDEX incident_links_by_other ON incident_links (other_id);
  CREATE TABLE observables (
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (incident_id, kind, value)
  ) WITHOUT ROWID;
  CREATE INDEX observables_by_value ON observables (kind, value, last_at);
  -- The bytes lie in a file named after their hash.
  CREATE TABLE attachments (
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (incident_id, id)
  ) WITHOUT ROWID;

  -- Alerts too mild for an incident of their own: they add to what an entity has on it until it is enough for one.
  CREATE TABLE risk_alerts (
    alert_id TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    group_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    rule_id TEXT NOT NULL,
    level TEXT NOT NULL,
    points INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    event_at TEXT NOT NULL,
    first_at TEXT NOT NULL,
    facts INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX risk_alerts_by_group ON risk_alerts (agency, group_key, event_at);
  `,
  `
  CREATE INDEX incidents_with_legal ON incidents (id) WHERE legal <> '{}';
  -- Reports that the law asks for and that went out.
  CREATE TABLE legal_reports (
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    deadline TEXT NOT NULL,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (incident_id, deadline)
  ) WITHOUT ROWID;
  CREATE TABLE deadlines_told (
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    deadline TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (incident_id, deadline, state)
  ) WITHOUT ROWID;
  `,
  `
  -- Answers to requests that carried an Idempotency-Key; without a status the request is under way, or died.
  CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    status INTEGER,
    etag TEXT,
    body TEXT,
    PRIMARY KEY (principal, key)
  ) WITHOUT ROWID;
  CREATE INDEX idempotency_by_age ON idempotency (at_ms);

  -- One decision about many incidents, worked off in pieces, to be undone.
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    principal TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    -- JSON: what is decided.
    decision TEXT NOT NULL,
    -- running, done, undoing, undone
    state TEXT NOT NULL,
    finished_at TEXT
  ) WITHOUT ROWID;
  CREATE INDEX jobs_by_state ON jobs (state);
  CREATE TABLE job_items (
    job TEXT NOT NULL REFERENCES jobs (id),
    incident_id TEXT NOT NULL,
    -- Empty: still to be done. changed, unchanged, undone, or why not.
    result TEXT NOT NULL DEFAULT '',
    -- JSON: what the decision replaced.
    before TEXT,
    -- Of the incident after it: where it is another one by now, undoing would undo somebody else's work.
    version INTEGER,
    PRIMARY KEY (job, incident_id)
  ) WITHOUT ROWID;

  -- JSON: addresses and networks that a token may be used from; null: any.
  ALTER TABLE tokens ADD COLUMN addresses TEXT;
  -- Base32 secret of the second factor: one that waits to be confirmed, and the one in use, with the last step that was used.
  ALTER TABLE users ADD COLUMN totp_pending TEXT;
  ALTER TABLE users ADD COLUMN totp TEXT;
  ALTER TABLE users ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE users ADD COLUMN seen_at TEXT;

  -- Who is told of changes. The secret signs, so it is kept as it is.
  CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    former_secret TEXT,
    agencies TEXT NOT NULL,
    codes TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    -- Entries of the history up to this one are turned into deliveries.
    position INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (id),
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    -- pending, delivered, failed
    state TEXT NOT NULL,
    next_ms INTEGER NOT NULL,
    status INTEGER,
    error TEXT
  ) WITHOUT ROWID;
  CREATE INDEX deliveries_due ON deliveries (state, next_ms);
  CREATE INDEX deliveries_by_webhook ON deliveries (webhook, at);
  `,
  `
  -- Lists by filters: the columns that are asked about stand in the order itself, so that a row that does not fit is not read.
  DROP INDEX incidents_by_priority;
  DROP INDEX incidents_by_update;
  DROP INDEX incidents_by_state;
  CREATE INDEX incidents_by_priority ON incidents (priority, number, state, level, agency, assignee);
  CREATE INDEX incidents_by_update ON incidents (updated_at, number, state, level, agency, assignee);
  CREATE INDEX incidents_by_rule ON incidents (opened_rule, state, updated_at);
  CREATE INDEX incidents_by_agency ON incidents (agency, state, level, assignee);
  CREATE INDEX incidents_open ON incidents (priority, number, state, level, agency, assignee)
    WHERE state IN ('new', 'in_progress', 'on_hold');

  -- Every three characters in a row of what a search looks through; rowid: the number of the incident.
  CREATE VIRTUAL TABLE incident_words USING fts5(
    words, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
  );
  INSERT INTO incident_words (rowid, words) SELECT number, folded FROM incidents;
  CREATE TRIGGER incident_words_added AFTER INSERT ON incidents BEGIN
    INSERT INTO incident_words (rowid, words) VALUES (new.number, new.folded);
  END;
  CREATE TRIGGER incident_words_changed AFTER UPDATE OF folded ON incidents WHEN old.folded <> new.folded BEGIN
    UPDATE incident_words SET words = new.folded WHERE rowid = new.number;
  END;
  `,
  `
  -- Exceptions: Sigma filters that people made, with who answers for them and until when. The bundle carries those in force.
  CREATE TABLE exceptions (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    -- Sigma documents as they are put in force.
    filter TEXT NOT NULL,
    -- JSON: ids of rules, or any.
    rules TEXT NOT NULL,
    -- JSON: all, or a list.
    agencies TEXT NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The alert it was made from.
    alert TEXT,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    -- Null: never, as somebody said in so many words.
    expires_at TEXT,
    warned_at TEXT,
    expired_at TEXT,
    revoked_at TEXT,
    revoked_by TEXT,
    revoked_reason TEXT,
    -- Place in the spool from which it is in force; null before it was announced there.
    position INTEGER
  ) WITHOUT ROWID;

  -- Matches that filters and exceptions kept out, by day of receipt. Written with the checkpoint.
  CREATE TABLE hidden (
    filter TEXT NOT NULL,
    rule TEXT NOT NULL,
    agency TEXT NOT NULL,
    day TEXT NOT NULL,
    events INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (filter, rule, agency, day)
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE checkpoint ADD COLUMN indicators TEXT NOT NULL DEFAULT '';
  -- Searches of stored events for indicators that came later.
  CREATE TABLE hunts (
    id TEXT PRIMARY KEY,
    principal TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    -- JSON: feed, the manifest it was taken from, agencies, range of event time.
    task TEXT NOT NULL,
    -- running, done, failed, stopped
    state TEXT NOT NULL,
    indicators INTEGER NOT NULL DEFAULT 0,
    events INTEGER NOT NULL DEFAULT 0,
    hits INTEGER NOT NULL DEFAULT 0,
    -- Event time down to which events were looked at.
    reached TEXT,
    finished_at TEXT
  ) WITHOUT ROWID;
  CREATE INDEX hunts_by_principal ON hunts (principal, at);
  CREATE TABLE hunt_hits (
    hunt TEXT NOT NULL REFERENCES hunts (id),
    n INTEGER NOT NULL,
    record TEXT NOT NULL,
    agency TEXT NOT NULL,
    at TEXT NOT NULL,
    field TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    level TEXT NOT NULL,
    PRIMARY KEY (hunt, n)
  ) WITHOUT ROWID;
  `,
  `
  -- Rules as they came into force at positions of the log; texts once each.
  CREATE TABLE rule_texts (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE rule_revisions (
    rule TEXT NOT NULL,
    number INTEGER NOT NULL,
    spool TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    bundle TEXT NOT NULL,
    path TEXT NOT NULL,
    -- Empty: gone.
    hash TEXT NOT NULL,
    -- JSON
    settings TEXT NOT NULL,
    by TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (rule, number)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX rule_revisions_by_place ON rule_revisions (spool, seq, rule);

  -- What rules in shadow raised: exact counts by day (UTC) and entity, and the newest alerts.
  CREATE TABLE shadow_counts (
    rule TEXT NOT NULL,
    day TEXT NOT NULL,
    agency TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    alerts INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    PRIMARY KEY (rule, day, agency, kind, value)
  ) WITHOUT ROWID;
  CREATE TABLE shadow_alerts (
    alert_id TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    day TEXT NOT NULL,
    agency TEXT NOT NULL,
    event_at TEXT NOT NULL,
    seq INTEGER NOT NULL,
    alert TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX shadow_alerts_by_rule ON shadow_alerts (rule, day, event_at);
  CREATE INDEX incident_alerts_by_rule ON incident_alerts (rule_id, event_at);
  `,
  `
  -- When an incident was first taken up, and since when it is handled: what figures over many are made of, without reading lives.
  ALTER TABLE incidents ADD COLUMN acknowledged_at TEXT;
  ALTER TABLE incidents ADD COLUMN handled_at TEXT;
  UPDATE incidents SET
    acknowledged_at = (SELECT json_extract(value, '$.at') FROM json_each(life)
      WHERE json_extract(value, '$.state') <> 'new' ORDER BY key LIMIT 1),
    handled_at = CASE WHEN state IN ('resolved', 'closed') THEN (SELECT json_extract(value, '$.at') FROM json_each(life)
      WHERE key > coalesce((SELECT max(key) FROM json_each(life)
        WHERE json_extract(value, '$.state') IN ('new', 'in_progress', 'on_hold')), -1) ORDER BY key LIMIT 1) END;
  CREATE INDEX incidents_by_creation ON incidents (
    created_at, agency, level, state, verdict, first_event_at, acknowledged_at, handled_at, merged_into, opened_rule
  );
  `,
  `
  -- What each user wants to be told, where and when; JSON.
  CREATE TABLE notice_settings (
    user_name TEXT PRIMARY KEY REFERENCES users (name),
    settings TEXT NOT NULL
  ) WITHOUT ROWID;
  -- Entries of the history up to this one are turned into notices. What happened before is told to nobody.
  CREATE TABLE notice_position (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL
  );
  INSERT INTO notice_position (one, position) SELECT 1, coalesce(max(id), 0) FROM history;
  -- Something that one person is to be told by one way; gathered into a message when it is due.
  CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    user_name TEXT NOT NULL,
    way TEXT NOT NULL,
    incident_id TEXT NOT NULL,
    at TEXT NOT NULL,
    code TEXT NOT NULL,
    params TEXT NOT NULL,
    urgent INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    message TEXT
  );
  CREATE INDEX notices_waiting ON notices (user_name, way, due_ms) WHERE message IS NULL;
  CREATE INDEX notices_by_message ON notices (message);
  CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    user_name TEXT NOT NULL,
    way TEXT NOT NULL,
    at TEXT NOT NULL,
    notices INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    -- pending, sent, failed, dropped
    state TEXT NOT NULL,
    next_ms INTEGER NOT NULL,
    sent_at TEXT,
    error TEXT
  ) WITHOUT ROWID;
  CREATE INDEX messages_due ON messages (next_ms) WHERE state = 'pending';
  CREATE INDEX messages_by_time ON messages (at);
  CREATE INDEX messages_by_user ON messages (user_name, way, at);
  `,
  `
  -- Who comes by single sign-on: an identity is the issuer and what it calls them.
  ALTER TABLE users ADD COLUMN issuer TEXT;
  ALTER TABLE users ADD COLUMN subject TEXT;
  CREATE UNIQUE INDEX users_by_subject ON users (issuer, subject) WHERE issuer IS NOT NULL;
  `,
  `
  -- Reports about a period that were made by themselves; their bytes lie in a folder, under their hashes. Days: from, and the first
  -- no longer included.
  CREATE TABLE kept_reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    period TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    language TEXT NOT NULL,
    format TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (period, from_day, language, format)
  );
  `,
  `
  -- What firewalls are asked to stop.
  CREATE TABLE blocks (
    id TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    agency TEXT NOT NULL,
    -- ip, domain, url, hash
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    everywhere INTEGER NOT NULL,
    reason TEXT NOT NULL,
    -- requested, approved, refused, lifted, expired
    state TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at TEXT NOT NULL,
    decided_by TEXT,
    decided_at TEXT,
    expires_at TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX blocks_by_incident ON blocks (incident_id, requested_at);
  CREATE INDEX blocks_by_time ON blocks (requested_at, id);
  CREATE INDEX blocks_in_force ON blocks (kind, state, value, expires_at);
  `,
  `
  -- What proves the log: a chain of Merkle roots, digests of files, purges and signatures. It outlives what it speaks of.
  CREATE TABLE integrity (
    n INTEGER PRIMARY KEY,
    -- An entry as JSON; the text is what is hashed.
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    kind TEXT GENERATED ALWAYS AS (json_extract(body, '$.kind')) VIRTUAL
  );
  CREATE INDEX integrity_by_kind ON integrity (kind, n);
  CREATE TRIGGER integrity_keeps_rows BEFORE DELETE ON integrity BEGIN SELECT RAISE(ABORT, 'integrity is append-only'); END;
  CREATE TRIGGER integrity_keeps_text BEFORE UPDATE ON integrity BEGIN SELECT RAISE(ABORT, 'integrity is append-only'); END;
  -- Units of the chain that are not complete, as of the checkpoint.
  CREATE TABLE integrity_open (level INTEGER PRIMARY KEY, unit TEXT NOT NULL);

  -- Days of receipt that no purge may touch, and for whom. A hold that was lifted stays here.
  CREATE TABLE legal_holds (
    id TEXT PRIMARY KEY,
    agency TEXT,
    system TEXT,
    from_day TEXT NOT NULL,
    to_day TEXT,
    reason TEXT NOT NULL,
    placed_at TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    lifted_at TEXT,
    lifted_by TEXT,
    lifted_reason TEXT
  ) WITHOUT ROWID;
  `,
  `
  CREATE INDEX history_by_kind ON history (subject_kind, id);
  -- When the clocks of an incident are to be looked at next: at once where its state or level changed, and not any more where
  -- nothing can come. '' is at once. What was open before is looked at from its next change on: nobody is to be told of it all at once.
  CREATE TABLE clock_looks (incident_id TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX clock_looks_due ON clock_looks (at);
  CREATE TRIGGER clock_looks_opened AFTER INSERT ON incidents BEGIN
    INSERT INTO clock_looks (incident_id, at) VALUES (new.id, '');
  END;
  CREATE TRIGGER clock_looks_changed AFTER UPDATE OF state, level ON incidents
    WHEN old.state IS NOT new.state OR old.level IS NOT new.level BEGIN
    INSERT INTO clock_looks (incident_id, at) VALUES (new.id, '') ON CONFLICT (incident_id) DO UPDATE SET at = '';
  END;
  `,
  `
  -- What became of what correlations were offered, by hour of receipt.
  CREATE TABLE correlation_ledger (
    hour TEXT NOT NULL,
    rule TEXT NOT NULL,
    agency TEXT NOT NULL,
    what TEXT NOT NULL,
    contributions INTEGER NOT NULL,
    PRIMARY KEY (hour, rule, agency, what)
  ) WITHOUT ROWID;
  `,
  `
  -- A word of one or two characters is looked up by the three that begin with it: of the last ones as well.
  CREATE VIRTUAL TABLE incident_terms USING fts5vocab(incident_words, row);
  UPDATE incidents SET folded = folded || char(10, 10);
  `,
  `
  -- What one shift tells the next. It outlives the shift: nobody edits or deletes it.
  CREATE TABLE handover_notes (
    n INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    -- Agencies that the author saw then, as JSON, or "all": who sees less does not read it.
    agencies TEXT NOT NULL,
    body TEXT NOT NULL
  );
  CREATE INDEX handover_notes_by_time ON handover_notes (at);
  `,
  `
  -- What stands in an alert that waits, as JSON; and how often a rule waits for an entity, without reading all that waits.
  ALTER TABLE risk_alerts ADD COLUMN observables TEXT NOT NULL DEFAULT '[]';
  CREATE INDEX risk_alerts_by_rule ON risk_alerts (agency, group_key, rule_id, points, event_at);
  `,
  `
  -- The registry as it was announced each time, whole: what was in force on a day is in none of the later ones.
  CREATE TABLE registry_revisions (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    -- Position of the log from which it counts.
    seq INTEGER NOT NULL,
    -- Empty: the file was changed by hand.
    by TEXT NOT NULL,
    why TEXT NOT NULL,
    text TEXT NOT NULL
  );
  CREATE TRIGGER registry_keeps_rows BEFORE DELETE ON registry_revisions
    BEGIN SELECT RAISE(ABORT, 'what the registry was is not deleted'); END;
  CREATE TRIGGER registry_keeps_text BEFORE UPDATE ON registry_revisions
    BEGIN SELECT RAISE(ABORT, 'what the registry was is not changed'); END;
  `,
  `
  -- Which agency shows an observable, and whether it is the same thing everywhere: what campaigns are looked for by. Of the addresses
  -- that are here already, those that are private by far the most often are told by how they begin.
  ALTER TABLE observables ADD COLUMN agency TEXT NOT NULL DEFAULT '';
  ALTER TABLE observables ADD COLUMN everywhere INTEGER NOT NULL DEFAULT 0;
  UPDATE observables SET agency = (SELECT agency FROM incidents WHERE id = incident_id),
    everywhere = kind NOT IN ('host', 'user') AND NOT (kind = 'ip' AND (
      value GLOB '10.*' OR value GLOB '127.*' OR value GLOB '169.254.*' OR value GLOB '192.168.*' OR
      value GLOB '172.1[6-9].*' OR value GLOB '172.2[0-9].*' OR value GLOB '172.3[01].*' OR
      value GLOB 'f[cd]*' OR value GLOB 'fe80:*'));
  CREATE INDEX observables_across ON observables (kind, value, last_at, agency, first_at) WHERE everywhere = 1;
  `,
  `
  -- Of an attached file: its digest, so that other bytes under the same key are another request. Keys of files from before have none.
  ALTER TABLE idempotency ADD COLUMN content TEXT;
  `,
  `
  -- Each word where it stands, instead of words with how often they do: the latter reads all that is known of a word to name it.
  DROP TABLE incident_terms;
  CREATE VIRTUAL TABLE incident_terms USING fts5vocab(incident_words, instance);
  `,
]
