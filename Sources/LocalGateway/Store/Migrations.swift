internal import GRDB

/// The store's schema, step by step; a step that has been released is never changed.
enum Migrations {
  static let all: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: groups, APIs, environments, publications") { db in
      try db.execute(
        sql: """
          CREATE TABLE api_group (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, remark TEXT,
            register_time TEXT NOT NULL, update_time TEXT NOT NULL);
          CREATE TABLE api (
            id TEXT PRIMARY KEY, group_id TEXT NOT NULL REFERENCES api_group (id), name TEXT NOT NULL,
            definition TEXT NOT NULL, register_time TEXT NOT NULL, update_time TEXT NOT NULL,
            UNIQUE (group_id, name));
          CREATE TABLE env (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, remark TEXT, create_time TEXT NOT NULL);
          CREATE TABLE version (
            position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
            api_id TEXT NOT NULL REFERENCES api (id), env_id TEXT NOT NULL REFERENCES env (id),
            number TEXT NOT NULL, remark TEXT, publish_time TEXT NOT NULL, definition TEXT NOT NULL,
            UNIQUE (api_id, number));
          CREATE INDEX version_by_api ON version (api_id, env_id);
          CREATE TABLE publication (
            api_id TEXT NOT NULL REFERENCES api (id), env_id TEXT NOT NULL REFERENCES env (id),
            version_id TEXT NOT NULL REFERENCES version (id), publish_id TEXT NOT NULL, publish_time TEXT NOT NULL,
            PRIMARY KEY (api_id, env_id));
          CREATE INDEX publication_by_env ON publication (env_id);
          CREATE TABLE token (value TEXT PRIMARY KEY, expires INTEGER NOT NULL);
          """)
    }
    migrator.registerMigration("3: indexes for lists, names and clean-up") { db in
      try db.execute(
        sql: """
          CREATE INDEX api_by_time ON api (register_time);
          CREATE INDEX api_by_group_and_time ON api (group_id, register_time);
          CREATE INDEX api_by_request ON api (
            group_id, json_extract(definition, '$.req_method'), json_extract(definition, '$.req_uri'));
          CREATE INDEX publication_by_version ON publication (version_id);
          """)
    }
    return migrator
  }()
}
