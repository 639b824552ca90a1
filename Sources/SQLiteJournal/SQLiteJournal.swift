// The journal of one machine's runs in a SQLite file.
