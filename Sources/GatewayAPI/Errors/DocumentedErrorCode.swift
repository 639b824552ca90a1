/// A code of the gateway's published table, with what the table says of it.
public struct DocumentedErrorCode: Sendable, Hashable {
  public let code: GatewayErrorCode
  /// HTTP status of the answer.
  public let status: Int
  /// The gateway's words; texts differ between releases.
  public let message: String

  /// The class that scripts decide by.
  public var kind: GatewayError.Kind { GatewayError.Kind(code: code, status: status) }

  /// What to do about it, where there is one thing to do.
  public var hint: String? { code.hint }

  /// The whole table but for successes, in its order.
  public static let all: [DocumentedErrorCode] = {
    let table = try? Document(json: PackageResources.error_codes_json)
    return (table?.arrayValue ?? []).compactMap { row in
      guard let code = row["code"]?.stringValue, let status = row["status"]?.integerValue, status >= 300 else {
        return nil
      }
      return DocumentedErrorCode(
        code: GatewayErrorCode(rawValue: code), status: status, message: row["message"]?.stringValue ?? "")
    }
  }()
}
