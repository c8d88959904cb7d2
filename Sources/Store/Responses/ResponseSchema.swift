/// What alerts set off: a row for each escalation and playbook on each alert, and one for each act.
///
/// Both are written before anything is done. `responses` is owed in the transaction of its alert; `acts.state` is `begun`
/// from before an act leaves until its end is known, so that after a kill nobody does it a second time. Times are those of
/// the machine, in microseconds since 1970. Secrets stand as tokens.
enum ResponseSchema {
  static let sql = """
    CREATE TABLE responses (
      id INTEGER PRIMARY KEY,
      plugin TEXT NOT NULL,
      kind TEXT NOT NULL,
      alert TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
      state TEXT NOT NULL,
      due INTEGER NOT NULL,
      reason TEXT,
      limited_by TEXT NOT NULL,
      source TEXT,
      begun INTEGER,
      step TEXT,
      question TEXT,
      choices TEXT,
      until INTEGER,
      answers TEXT NOT NULL DEFAULT '[]',
      updated INTEGER NOT NULL,
      UNIQUE (plugin, alert)
    ) STRICT;
    CREATE INDEX responses_by_state ON responses (state, due);
    CREATE INDEX responses_by_alert ON responses (alert);
    CREATE INDEX responses_by_limit ON responses (plugin, limited_by, begun);

    CREATE TABLE acts (
      key TEXT PRIMARY KEY NOT NULL,
      response INTEGER NOT NULL REFERENCES responses (id) ON DELETE CASCADE,
      step TEXT NOT NULL,
      undo INTEGER NOT NULL,
      act TEXT NOT NULL,
      arguments TEXT NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      answer TEXT,
      reason TEXT,
      begun INTEGER NOT NULL,
      ended INTEGER
    ) STRICT;
    CREATE INDEX acts_by_response ON acts (response, begun);
    CREATE INDEX acts_by_state ON acts (state);
    """

  /// What something may yet have to be done of.
  static let isOpen = "state IN ('due', 'running', 'asking')"

  /// What has ended is most, and nobody goes through it to find what is to be done. Each source goes by its own plugins.
  static let open = """
    ALTER TABLE responses ADD COLUMN input TEXT NOT NULL DEFAULT '';
    DROP INDEX responses_by_state;
    CREATE INDEX responses_open ON responses (plugin, due) WHERE \(isOpen);
    """
}
