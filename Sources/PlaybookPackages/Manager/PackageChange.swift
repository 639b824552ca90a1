public import GatewayAPI

/// What becomes of one package: added, changed, removed, or left as it is.
public struct PackageChange: Sendable {
  public let name: PackageName
  /// What is locked so far; nil for a package that is new.
  public let before: LockedPackage?
  /// Its files; nil where they are neither installed nor kept.
  public let earlierPackage: Package?
  /// What would be locked; nil for a package that goes.
  public var after: LockedPackage?
  /// Its files.
  public let package: Package?
  public let signature: SignatureStatus
  /// What of its files differs.
  public let difference: TreeDifference
  /// Whether all that it declares is asked for anew.
  let isRenewed: Bool

  /// What it wants to be allowed for the first time: granted with ``after`` as it is.
  public var newPermissions: [Permission] {
    guard let after else { return [] }
    return after.permissions.filter { permission in !(before?.permissions.contains(permission) ?? false) }
  }

  /// What it was allowed and is not any more.
  public var droppedPermissions: [Permission] {
    (before?.permissions ?? []).filter { granted in !(after?.permissions.contains { $0.includes(granted) } ?? false) }
  }

  /// Whether its manifest asks for something, or for more than that.
  public func asks(for permission: Permission) -> Bool {
    package?.manifest.permissions.contains { $0.includes(permission) } ?? false
  }

  /// Whether code that is in use is replaced by other.
  public var changesCode: Bool {
    guard let before, let after else { return false }
    return before.digest != after.digest
  }

  /// Whether somebody else signs it than before, or nobody any more.
  public var changesSigner: Bool {
    guard let before, let after, let signer = before.signer else { return false }
    return after.signer?.key != signer.key
  }

  /// Whether a version that is locked was published again with other files, which no author does who means well.
  public var replacesPublishedFiles: Bool {
    guard let before, let after, before.version == after.version, before.digest != after.digest else { return false }
    if case .folder = after.origin.location { return false }
    return true
  }

  /// Whether anything about it changes.
  public var isChange: Bool { before != after }

  /// Leaves out permissions that are not to be granted. What was granted before stays, unless all is asked for anew.
  ///
  /// - Parameter isDenied: also of one that would grant with others what is denied: `publish:*` where `publish:RELEASE`
  ///   is.
  public mutating func deny(_ isDenied: (Permission) -> Bool) {
    guard var after else { return }
    let deniable = isRenewed ? after.permissions : newPermissions
    let left = deniable.filter(isDenied)
    after.permissions.removeAll(where: left.contains)
    after.withheld = (after.withheld + left).sorted { $0.description < $1.description }
    self.after = after
  }
}

extension PackageChange {
  init(removing locked: LockedPackage) {
    self.init(
      name: locked.name, before: locked, earlierPackage: nil, after: nil, package: nil, signature: .unsigned,
      difference: TreeDifference(from: nil, to: nil), isRenewed: false)
  }
}
