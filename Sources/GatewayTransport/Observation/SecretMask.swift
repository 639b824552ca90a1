package import GatewayAPI

/// Takes secrets out of what is written down: logs and cassettes.
package enum SecretMask {
  /// What stands in a secret's place.
  package static let mark = "‹masked›"

  // MARK: - Headers

  /// A header's value as it may be shown: of a signature the access key and the signed headers stay.
  package static func header(_ name: String, _ value: String) -> String {
    let name = name.lowercased()
    if name == "authorization", let signature = value.firstRange(of: "Signature=") {
      return value[..<signature.upperBound] + mark
    }
    if name == "location" { return url(value) }
    let isSecret =
      ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-apig-appcode", "x-api-key"].contains(name)
      || isSecretName(name)
    return isSecret ? mark : value
  }

  // MARK: - Bodies

  /// A JSON value without the secrets that its members' names give away, at any depth.
  package static func json(_ document: Document) -> Document {
    switch document {
    case .array(let elements): .array(elements.map(json))
    case .object(let members):
      .object(
        Dictionary(
          uniqueKeysWithValues: members.map { name, value in
            (name, isSecretName(name) ? masked(value) : json(value))
          }))
    default: document
    }
  }

  /// Text without secrets: JSON wherever it is whole, and what looks like it, or like a form, where it is not.
  package static func text(_ text: String) -> String {
    if let first = text.utf8.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
      let document = try? Document(json: text)
    {
      let masked = json(document)
      // As it came, when there is nothing to hide: a cassette keeps bodies to the byte.
      return masked == document ? text : masked.jsonText
    }
    return text.replacing(likelyPair) { match in
      isSecretName(String(match.output.1)) ? "\(match.output.1)\(match.output.2)\(mark)" : String(match.output.0)
    }
  }

  /// A URL without the password and the secret parameters in it.
  package static func url(_ url: String) -> String {
    var url = url
    if let scheme = url.firstRange(of: "://") {
      let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
      if let at = authority.lastIndex(of: "@") { url.replaceSubrange(scheme.upperBound..<at, with: mark) }
    }
    guard let question = url.firstIndex(of: "?") else { return url }
    let query = url[url.index(after: question)...].split(separator: "&", omittingEmptySubsequences: false).map { pair in
      let name = pair.prefix { $0 != "=" }
      return isSecretName(String(name)) && name.count < pair.count ? "\(name)=\(mark)" : String(pair)
    }
    return "\(url[...question])\(query.joined(separator: "&"))"
  }

  // MARK: - Names

  /// A name, what joins it to its value, and the value: `"name": "value"`, `name=value`, also cut off at the end.
  private static var likelyPair: Regex<(Substring, Substring, Substring, Substring)> {
    /([A-Za-z][A-Za-z0-9_.-]*)("?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|[^\s&,}"]+)/
  }

  private static func masked(_ value: Document) -> Document {
    switch value {
    case .null, .boolean: value
    case .integer, .number, .string: .string(mark)
    case .array(let elements): .array(elements.map(masked))
    // Such as IAM's `token: { id: … }`; what a schema says of a property named so is no secret.
    case .object(let members):
      .object(
        Dictionary(
          uniqueKeysWithValues: members.map { name, value in
            (name, name == "id" || isSecretName(name) ? masked(value) : json(value))
          }))
    }
  }

  private static let secretNames: Set = ["access", "ak", "sk", "passwd", "pwd", "signature", "appcode"]
  private static let secretEndings = ["password", "secret", "token", "secretkey", "privatekey", "accesskey", "apikey"]

  static func isSecretName(_ name: String) -> Bool {
    let plain = name.lowercased().filter { $0 != "_" && $0 != "-" }
    return secretNames.contains(plain) || secretEndings.contains { plain.hasSuffix($0) }
  }
}
