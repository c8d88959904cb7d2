/// Indexes that answer by themselves what is asked of a hundred thousand alerts at once: an alert's JSON stands in its row before the
/// columns that change, and would have to be read to reach them.
///
/// The facts of judging (`AlertFactRows`) are all in one index; what is kept beside an alert is found in one look.
enum ReadingSchema {
  static let sql = """
    CREATE INDEX alerts_as_facts ON alerts (time, id, entity_field, entity, rule, highest_score,
      highest_severity, title, mapping, owner, cost_usd, cost_per, joined, incident, disposition,
      closed, confidence);
    DROP INDEX alerts_by_time;
    CREATE INDEX alerts_by_closing ON alerts (closed DESC, id) WHERE status = 'closed';

    CREATE TABLE facts_in_place (
      alert TEXT PRIMARY KEY NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
      entities TEXT NOT NULL,
      finders TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO facts_in_place SELECT alert, entities, finders FROM alert_facts;
    DROP TABLE alert_facts;
    ALTER TABLE facts_in_place RENAME TO alert_facts;

    ALTER TABLE suppressed ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
    UPDATE suppressed SET written = (SELECT started FROM runs WHERE runs.id = suppressed.run);
    CREATE INDEX suppressed_unwritten ON suppressed (finding) WHERE written = 0;
    CREATE INDEX suppressed_by_age ON suppressed (written) WHERE written <> 0;
    """

  /// What a score says, told by itself; until then one without a confidence said how rare the event was.
  static let meanings = """
    ALTER TABLE alerts ADD COLUMN score_meaning TEXT;
    UPDATE alerts SET score_meaning = iif(confidence IS NULL, 'rarity', 'probability')
      WHERE score IS NOT NULL;
    DROP INDEX alerts_as_facts;
    CREATE INDEX alerts_as_facts ON alerts (time, id, entity_field, entity, rule, highest_score,
      highest_severity, title, mapping, owner, cost_usd, cost_per, joined, incident, disposition,
      closed, score_meaning);
    """
}
