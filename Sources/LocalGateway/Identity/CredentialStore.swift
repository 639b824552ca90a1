internal import GRDB
internal import GatewayAPI
internal import GatewaySigning

/// The tokens and temporary access keys that the gateway has handed out.
struct CredentialStore: Sendable {
  let store: Store

  /// How long after their end they are remembered: until then the answer is "expired", not "unknown".
  private static let memory: Int64 = 86_400

  /// - Parameters:
  ///   - expires: when the token ends; whole seconds count.
  ///   - now: the gateway's time.
  func makeToken(expires: Timestamp, now: Timestamp) async throws -> String {
    let value = Identifier.random() + Identifier.random()
    try await store.write { db in
      try db.execute(sql: "DELETE FROM token WHERE expires <= ?", arguments: [now.seconds - Self.memory])
      try db.execute(sql: "INSERT INTO token (value, expires) VALUES (?, ?)", arguments: [value, expires.seconds])
    }
    return value
  }

  func expiry(ofToken value: String) throws -> Timestamp? {
    let seconds = try store.readHere { db in
      try SQLRequest<Int64>.kept("SELECT expires FROM token WHERE value = ?", [value]).fetchOne(db)
    }
    return seconds.map { Timestamp(seconds: $0) }
  }

  /// - Parameters:
  ///   - expires: when the key ends; whole seconds count.
  ///   - now: the gateway's time.
  func makeTemporaryKey(expires: Timestamp, now: Timestamp) async throws -> Credential {
    let credential = Credential(
      accessKey: String(Identifier.random().uppercased().prefix(20)),
      secretKey: Identifier.random() + String(Identifier.random().prefix(8)),
      securityToken: Identifier.random() + Identifier.random())
    try await store.write { db in
      try db.execute(sql: "DELETE FROM temporary_key WHERE expires <= ?", arguments: [now.seconds - Self.memory])
      try db.execute(
        sql: "INSERT INTO temporary_key (access_key, secret_key, security_token, expires) VALUES (?, ?, ?, ?)",
        arguments: [credential.accessKey, credential.secretKey, credential.securityToken, expires.seconds])
    }
    return credential
  }

  func temporaryKey(_ accessKey: String) throws -> (credential: Credential, expires: Timestamp)? {
    try store.readHere { db in
      guard
        let row = try SQLRequest<Row>.kept("SELECT * FROM temporary_key WHERE access_key = ?", [accessKey]).fetchOne(db)
      else { return nil }
      let credential = Credential(
        accessKey: accessKey, secretKey: row["secret_key"], securityToken: row["security_token"])
      return (credential, Timestamp(seconds: row["expires"]))
    }
  }
}
