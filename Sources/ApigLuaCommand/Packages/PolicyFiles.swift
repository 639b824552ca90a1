internal import Glibc
internal import PlaybookPackages

/// Where an organisation's policy is written down: for the machine, and for its user.
enum PolicyFiles {
  private static let machine = "/etc/apig-lua/policy.yaml"

  /// - Throws: `PackageError` for a policy that cannot be read: then nothing may be done.
  static func load(_ variables: EnvironmentVariables) throws -> OrganisationPolicy {
    let folder = try? variables.folder("XDG_CONFIG_HOME", default: ".config")
    let user = (folder ?? getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) + "/.config/apig-lua" })
    return try OrganisationPolicy(files: [machine] + [user].compactMap { $0.map { $0 + "/policy.yaml" } })
  }
}
