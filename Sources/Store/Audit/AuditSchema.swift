/// The tables of the audit chain, which refuse to be changed: records are added one after the other and stay as they are.
///
/// `audit_head` knows the newest record by itself, so that a chain whose end was cut off is noticed.
enum AuditSchema {
  static let sql = """
    CREATE TABLE audit (
      n INTEGER PRIMARY KEY NOT NULL,
      time INTEGER NOT NULL,
      actor_kind TEXT NOT NULL,
      actor TEXT NOT NULL,
      account TEXT NOT NULL,
      action TEXT NOT NULL,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      before TEXT,
      after TEXT,
      note TEXT,
      previous BLOB NOT NULL,
      seal BLOB NOT NULL
    ) STRICT;
    CREATE INDEX audit_by_subject ON audit (kind, subject);

    CREATE TABLE audit_head (
      id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
      n INTEGER NOT NULL,
      seal BLOB NOT NULL
    ) STRICT;
    INSERT INTO audit_head VALUES (1, 0, zeroblob(32));

    CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit BEGIN
      SELECT RAISE(ABORT, 'audit records are never changed');
    END;
    CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit BEGIN
      SELECT RAISE(ABORT, 'audit records are never removed');
    END;
    CREATE TRIGGER audit_goes_on BEFORE INSERT ON audit
      WHEN NEW.n IS NOT (SELECT n + 1 FROM audit_head)
        OR NEW.previous IS NOT (SELECT seal FROM audit_head) BEGIN
      SELECT RAISE(ABORT, 'an audit record follows the newest one');
    END;
    CREATE TRIGGER audit_moves_head AFTER INSERT ON audit BEGIN
      UPDATE audit_head SET n = NEW.n, seal = NEW.seal;
    END;
    CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
      WHEN NEW.n IS NOT OLD.n + 1 OR NOT EXISTS
        (SELECT 1 FROM audit WHERE n = NEW.n AND seal = NEW.seal) BEGIN
      SELECT RAISE(ABORT, 'the head of the audit moves with its records');
    END;
    CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head BEGIN
      SELECT RAISE(ABORT, 'the head of the audit is never removed');
    END;
    """

  static let triggers = [
    "audit_never_changes", "audit_never_shrinks", "audit_goes_on", "audit_moves_head",
    "audit_head_goes_on", "audit_head_stays",
  ]
}
