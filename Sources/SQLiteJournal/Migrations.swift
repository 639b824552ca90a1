internal import GRDB

/// The journal's schema, step by step; a step that has been released is never changed.
///
/// Times are nanoseconds since 1970; bodies, starts and summaries are JSON.
enum Migrations {
  static let all: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: runs, entries, leases, plans") { db in
      try db.execute(
        sql: """
          CREATE TABLE run (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
            started_at INTEGER NOT NULL, ended_at INTEGER, exit_code INTEGER,
            user TEXT NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL, process_start TEXT,
            command TEXT NOT NULL, gateway TEXT NOT NULL, environment TEXT,
            start TEXT NOT NULL, summary TEXT NOT NULL) STRICT;
          CREATE INDEX run_by_time ON run (started_at);
          CREATE INDEX run_by_state ON run (state, ended_at);
          -- Beside the run: it grows with each commit, and the run's own row is long.
          CREATE TABLE run_size (
            run INTEGER PRIMARY KEY REFERENCES run (number) ON DELETE CASCADE, bytes INTEGER NOT NULL) STRICT;
          CREATE TABLE entry (
            run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE, sequence INTEGER NOT NULL,
            kind TEXT NOT NULL, time INTEGER NOT NULL, branch TEXT NOT NULL, operation TEXT NOT NULL,
            digest TEXT NOT NULL, occurrence INTEGER NOT NULL, refers_to INTEGER, title TEXT NOT NULL, place TEXT,
            body TEXT, PRIMARY KEY (run, sequence)) STRICT;
          -- One row for each environment that was ever held; without a run nobody holds it.
          CREATE TABLE lease (
            gateway_id TEXT NOT NULL, environment_id TEXT NOT NULL, name TEXT NOT NULL, fence INTEGER NOT NULL,
            run TEXT, holder TEXT NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL, process_start TEXT,
            command TEXT NOT NULL, since INTEGER NOT NULL, expires INTEGER NOT NULL,
            is_released INTEGER NOT NULL, has_changes INTEGER NOT NULL,
            PRIMARY KEY (gateway_id, environment_id)) STRICT, WITHOUT ROWID;
          CREATE TABLE used_plan (plan TEXT PRIMARY KEY, run TEXT NOT NULL, time INTEGER NOT NULL) STRICT, WITHOUT ROWID;
          """)
    }
    return migrator
  }()
}
