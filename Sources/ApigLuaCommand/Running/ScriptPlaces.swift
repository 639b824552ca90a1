internal import GatewayAPI
internal import GatewayScripting

/// The folders of a run that paths begin at, from the root and without links.
struct ScriptPlaces: Sendable {
  /// Of the operator's own script; the working folder for what lies in no file.
  private let script: String
  private let project: String

  /// - Parameters:
  ///   - scriptFolder: nil for what lies in no file.
  ///   - folder: the working folder.
  init(scriptFolder: String?, settings: Settings, folder: String) {
    script = CanonicalPath.of(scriptFolder ?? ".", in: folder)
    project = CanonicalPath.of(settings.project, in: folder)
  }

  /// What relative paths begin at.
  func base(of principal: Principal) -> String {
    switch principal {
    case .script: script
    case .package: project
    }
  }

  /// Whether a permission is about what an own script finds beside it: files below its folder, unless they are hidden,
  /// for those are tools' own and often hold credentials.
  func isOwn(_ permission: Permission) -> Bool {
    guard permission.kind.isAboutFiles, script != "/", Permission(permission.kind, script).includes(permission) else {
      return false
    }
    let parts = permission.object.utf8.dropFirst(script.utf8.count).split(separator: UInt8(ascii: "/"))
    return !parts.contains { $0.first == UInt8(ascii: ".") }
  }

  /// What a path of the operator's script needs to be granted; nil for nothing.
  func grant(for permission: Permission) -> Permission? {
    let located = permission.located(in: script)
    return isOwn(located) ? nil : located
  }
}
