/// What people do with an alert, and what was found and raised none of its own.
///
/// `alerts.status` stays `open` or `closed`; `state` says more exactly where it stands. `alerts.audit` is the newest audit
/// record about it, so that an audit whose end was cut off together with its head is noticed by the alerts.
enum LifeSchema {
  static let sql = """
    ALTER TABLE alerts ADD COLUMN state TEXT NOT NULL DEFAULT 'new';
    ALTER TABLE alerts ADD COLUMN assignee TEXT;
    ALTER TABLE alerts ADD COLUMN audit INTEGER;
    UPDATE alerts SET state = 'resolved' WHERE status = 'closed';

    CREATE TABLE suppressed (
      finding TEXT PRIMARY KEY NOT NULL,
      reason TEXT NOT NULL,
      alert TEXT,
      mute INTEGER,
      time INTEGER NOT NULL,
      event_id TEXT NOT NULL,
      source TEXT NOT NULL,
      entity_field TEXT,
      entity TEXT,
      rule TEXT,
      mapping TEXT,
      score REAL,
      severity INTEGER NOT NULL,
      message TEXT NOT NULL,
      run INTEGER NOT NULL REFERENCES runs (id)
    ) STRICT;
    CREATE INDEX suppressed_by_alert ON suppressed (alert, time);
    CREATE INDEX suppressed_by_mute ON suppressed (mute, time) WHERE mute IS NOT NULL;
    CREATE INDEX suppressed_by_time ON suppressed (time);
    CREATE INDEX suppressed_by_event ON suppressed (event_id);
    CREATE INDEX alerts_by_event ON alerts (event_id);

    CREATE TRIGGER alerts_take_findings AFTER DELETE ON alerts BEGIN
      DELETE FROM suppressed WHERE alert = OLD.id;
    END;

    CREATE TABLE mutes (
      id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
      entity_field TEXT NOT NULL,
      entity TEXT NOT NULL,
      rule TEXT,
      start INTEGER NOT NULL,
      until INTEGER NOT NULL,
      reason TEXT NOT NULL,
      made INTEGER NOT NULL,
      made_by TEXT NOT NULL,
      ended INTEGER,
      ended_by TEXT,
      audit INTEGER NOT NULL
    ) STRICT;
    """
}
