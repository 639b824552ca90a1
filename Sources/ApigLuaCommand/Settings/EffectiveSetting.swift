internal import GatewayAPI

/// One setting as it is in force, and who says so.
struct EffectiveSetting: Sendable {
  let name: String
  var value: String { text() }
  /// "--gateway", "APIG_GATEWAY", "apig.yaml:1:18", "built-in".
  let origin: String
  /// Makes the value's text: only reports show it, and every command has settings.
  fileprivate let text: @Sendable () -> String
}

/// Looks for settings in the order of their precedence, and keeps where each was found.
struct SettingSearch {
  private(set) var effective: [EffectiveSetting] = []

  /// The first value that is given.
  @discardableResult
  mutating func first<Value: Sendable>(_ name: String, _ candidates: [(Value?, String)]) -> Value? {
    for case (let value?, let origin) in candidates {
      effective.append(EffectiveSetting(name: name, origin: origin) { "\(value)" })
      return value
    }
    return nil
  }

  /// The first name that is given, with who gives it.
  mutating func origin(_ name: String, _ candidates: [(String?, String)]) -> (name: String, origin: String)? {
    guard let value = first(name, candidates), let origin = effective.last?.origin else { return nil }
    return (value, origin)
  }

  /// The permissions that flags and files give, all of them in force.
  ///
  /// - Throws: ``UsageError`` for a flag that is none.
  mutating func permissions(
    _ name: String, _ flags: [String], _ written: [(permission: Permission, place: String)]
  ) throws -> [Permission] {
    let given = try flags.map { text in
      do throws(PermissionError) {
        return (permission: try Permission(text), place: "--\(name)")
      } catch {
        throw UsageError(message: "--\(name): \(error.message)", hint: error.hint)
      }
    }
    for (permission, place) in given + written {
      effective.append(EffectiveSetting(name: name, origin: place) { permission.description })
    }
    return (given + written).map(\.permission)
  }

  /// What holds when nobody says anything.
  mutating func builtIn<Value: Sendable>(_ name: String, _ value: Value) -> Value {
    effective.append(EffectiveSetting(name: name, origin: "built-in") { "\(value)" })
    return value
  }
}
