/// Tables beside the alerts: who else an event named, and what people decided about entities and incidents.
enum CaseSchema {
  static let first = """
    CREATE TABLE alert_facts (
      alert TEXT PRIMARY KEY NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
      entities TEXT NOT NULL,
      finders TEXT NOT NULL
    ) STRICT;

    CREATE TABLE entity_overrides (
      id INTEGER PRIMARY KEY,
      field TEXT NOT NULL,
      value TEXT NOT NULL,
      hundredths INTEGER NOT NULL,
      since INTEGER NOT NULL,
      until INTEGER NOT NULL,
      cleared INTEGER,
      note TEXT NOT NULL
    ) STRICT;
    CREATE INDEX entity_overrides_by_entity ON entity_overrides (field, value);

    CREATE TABLE incident_edits (
      id INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      word TEXT NOT NULL,
      alerts TEXT NOT NULL,
      note TEXT NOT NULL
    ) STRICT;
    """
}
