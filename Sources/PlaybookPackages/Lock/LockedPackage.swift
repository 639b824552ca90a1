public import GatewayAPI
internal import Crypto

/// What the lock holds of one package.
public struct LockedPackage: Sendable, Hashable {
  public let name: PackageName
  public var version: SemanticVersion
  /// What the project itself asked for; nil for what only other packages need.
  public var request: PackageSource?
  public var origin: PackageOrigin
  /// The digest of its tree.
  public var digest: String
  /// Who signed it; nil for nobody that was known.
  public var signer: PackageSigner?
  /// What it may do: granted once, by a person or a flag. Sorted.
  public var permissions: [Permission]
  /// What it asks for and was not granted: it is not asked about again. Sorted.
  public var withheld: [Permission] = []
  /// The packages that it needs, and which versions of them. Sorted.
  public var dependencies: [PackageName: VersionRange]

  /// - Throws: ``PackageError`` of kind `refused` with the reason when a package is not what was locked.
  public func require(_ package: Package) throws(PackageError) {
    guard package.name == name else { throw refusal("it is \(package.name)") }
    guard package.tree.digest == digest else {
      throw refusal("its files have the digest \(package.tree.digest.prefix(12))…, locked is \(digest.prefix(12))…")
    }
    guard package.version == version else { throw refusal("it is version \(package.version)") }
    let undeclared = permissions.filter { granted in !package.manifest.permissions.contains { $0.includes(granted) } }
    guard undeclared.isEmpty else {
      throw refusal(
        "\(undeclared.map(\.description).joined(separator: ", ")) is granted to it, which it does not ask for")
    }
    let needed = Dictionary(uniqueKeysWithValues: package.manifest.dependencies.map { ($0.name, $0.range.description) })
    guard needed == dependencies.mapValues(\.description) else { throw refusal("it needs other packages") }
  }

  /// - Throws: ``PackageError`` of kind `refused` when somebody else signed it, or nobody any more.
  public func require(_ status: SignatureStatus) throws(PackageError) {
    // The key tells: what a list calls its owner is that list's business.
    guard let signer, status.signer?.key != signer.key else { return }
    if case .unknownSigner(signer.key, let reason) = status {
      throw PackageError(
        .refused, place: PackageLock.fileName,
        "\(name) \(version) is signed with the key that is locked, \(signer), and nobody allows that key"
          + (reason.map { ": \($0)" } ?? ""),
        hint: "put the key's line into .apig/allowed_signers, or into the user's in ~/.config/apig-lua")
    }
    throw refusal("it is \(status.description), locked is \(signer)")
  }

  /// Grants it something more, as it asks for it or narrower.
  public mutating func grant(_ permission: Permission) {
    guard !permissions.contains(permission) else { return }
    permissions = (permissions + [permission]).sorted { $0.description < $1.description }
    withheld.removeAll { $0 == permission }
  }

  private func refusal(_ reason: String) -> PackageError {
    PackageError(
      .refused, place: PackageLock.fileName, "\(name) \(version) is not what was locked: \(reason)",
      hint: "apig-lua pkg install puts back what was; apig-lua pkg update \(name) --review shows what is new")
  }

  /// Every field, one a line: what the checksum is made of.
  var fields: [(key: String, value: String)] {
    var fields: [(key: String, value: String)] = [("version", version.description)]
    if let request { fields.append(("request", request.description)) }
    fields.append(("source", origin.address))
    if let reference = origin.reference { fields.append(("reference", reference)) }
    if let commit = origin.commit { fields.append(("commit", commit)) }
    fields.append(("sha256", digest))
    if let signer {
      fields.append(("signer", signer.identity))
      fields.append(("signer_key", signer.key))
    }
    return fields
  }

  /// The SHA-256 of all that the lock says of the package: a slip of an editor or of a merge is found by it. Against
  /// somebody who means harm the lock is protected as the project's other files are.
  var checksum: String {
    var lines = ["name \(name)"] + fields.map { "\($0.key) \($0.value)" }
    lines += permissions.map { "permission \($0)" }
    lines += withheld.map { "withheld \($0)" }
    lines += dependencies.sorted { $0.key < $1.key }.map { "dependency \($0.key) \($0.value)" }
    return SHA256.hash(data: Array(lines.joined(separator: "\n").utf8)).hexadecimal
  }
}
