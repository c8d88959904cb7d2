/// What decided at a time: the plugin files, lists and model of a generation, each content once.
///
/// A setup is a list of parts. `setup_contents.body` is packed by its writer and missing where a content was too large to
/// keep; `digest` names it either way. `setups_in_force.first_time` is the stream's time when the setup judged its first event,
/// `written` the machine's, both in microseconds since 1970. Nothing of the settings is in here.
enum SetupSchema {
  static let sql = """
    CREATE TABLE setup_contents (
      id INTEGER PRIMARY KEY,
      digest TEXT NOT NULL UNIQUE,
      bytes INTEGER NOT NULL,
      stored INTEGER NOT NULL,
      body BLOB
    ) STRICT;

    CREATE TABLE setups (
      id INTEGER PRIMARY KEY,
      digest TEXT NOT NULL UNIQUE,
      plugins_digest TEXT NOT NULL,
      size INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE setup_parts (
      setup INTEGER NOT NULL REFERENCES setups (id) ON DELETE CASCADE,
      place INTEGER NOT NULL,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      detail TEXT NOT NULL,
      content INTEGER NOT NULL REFERENCES setup_contents (id),
      PRIMARY KEY (setup, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX setup_parts_by_content ON setup_parts (content);

    CREATE TABLE setups_in_force (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      source TEXT NOT NULL,
      input TEXT NOT NULL,
      run INTEGER NOT NULL REFERENCES runs (id),
      first_time INTEGER NOT NULL,
      written INTEGER NOT NULL,
      setup INTEGER NOT NULL REFERENCES setups (id)
    ) STRICT;
    CREATE INDEX setups_in_force_by_stream ON setups_in_force (source, input, id);
    CREATE INDEX setups_in_force_by_setup ON setups_in_force (setup);
    """

  /// Bytes that a row counts for beside its content.
  static let rowSize = 64
}
