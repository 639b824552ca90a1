/// Where other tools keep their credentials.
struct CredentialFiles: Sendable {
  struct Location: Sendable {
    let path: String
    /// The variable that names it; else the tool's own place.
    let origin: String
    var isExplicit: Bool { origin != Self.usual }

    static let usual = "usual place"
  }

  /// nil: nobody says where, and there is no home folder.
  let kooCLI: Location?
  let sdk: Location?

  init(variable: (String) -> String?) {
    let home = variable("HOME")
    func location(_ name: String, _ usual: String) -> Location? {
      guard let path = variable(name) else {
        return home.map { Location(path: "\($0)/\(usual)", origin: Location.usual) }
      }
      let expanded = path.hasPrefix("~/") ? home.map { $0 + path.dropFirst() } : nil
      return Location(path: expanded ?? path, origin: name)
    }
    kooCLI = location("HW_SHARED_CONFIG_FILE", ".hcloud/config.json")
    sdk = location("HUAWEICLOUD_SDK_CREDENTIALS_FILE", ".huaweicloud/credentials")
  }
}
