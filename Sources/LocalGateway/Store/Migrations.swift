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
    migrator.registerMigration("2: temporary access keys, changes in effect, faults") { db in
      try db.execute(
        sql: """
          CREATE TABLE temporary_key (
            access_key TEXT PRIMARY KEY, secret_key TEXT NOT NULL, security_token TEXT NOT NULL,
            expires INTEGER NOT NULL);
          CREATE TABLE fault (
            position INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, gateway TEXT, added INTEGER NOT NULL,
            matched INTEGER NOT NULL DEFAULT 0, fired INTEGER NOT NULL DEFAULT 0);
          -- What was in effect before each change, so that the data plane can see it later; microseconds since 1970.
          CREATE TABLE effect_change (
            position INTEGER PRIMARY KEY AUTOINCREMENT, api_id TEXT NOT NULL, env_id TEXT NOT NULL,
            moment INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
            version_id TEXT, version_number TEXT, definition TEXT);
          CREATE INDEX effect_change_by_api ON effect_change (api_id, env_id);
          CREATE TRIGGER publication_made AFTER INSERT ON publication BEGIN
            INSERT INTO effect_change (api_id, env_id) VALUES (NEW.api_id, NEW.env_id);
          END;
          CREATE TRIGGER publication_changed AFTER UPDATE ON publication BEGIN
            INSERT INTO effect_change (api_id, env_id, version_id, version_number, definition)
              SELECT OLD.api_id, OLD.env_id, OLD.version_id, v.number, v.definition
              FROM version v WHERE v.id = OLD.version_id;
          END;
          CREATE TRIGGER publication_ended AFTER DELETE ON publication BEGIN
            INSERT INTO effect_change (api_id, env_id, version_id, version_number, definition)
              SELECT OLD.api_id, OLD.env_id, OLD.version_id, v.number, v.definition
              FROM version v WHERE v.id = OLD.version_id;
          END;
          -- Nobody waits for changes this old.
          CREATE TRIGGER effect_change_kept AFTER INSERT ON effect_change BEGIN
            DELETE FROM effect_change WHERE position <= NEW.position - 20000;
          END;
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
    migrator.registerMigration("4: no index that another covers") { db in
      // Versions of an API are found by the index on their numbers.
      try db.execute(sql: "DROP INDEX version_by_api")
    }
    return migrator
  }()
}
