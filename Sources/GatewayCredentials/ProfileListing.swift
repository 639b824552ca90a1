/// The profiles that can be named, of all files.
public struct ProfileListing: Sendable {
  public struct Entry: Sendable {
    public let name: String
    /// The file's owner: "apig-lua", "KooCLI", "SDKs".
    public let tool: String
    public let place: String
    /// For people, without a secret; what is wrong with it when it cannot be used.
    public let summary: String
    public let isUsable: Bool
    /// Whether its file uses it when none is named.
    public let isDefault: Bool
  }

  public let entries: [Entry]
}

extension CredentialChain {
  /// Every profile of every file, each with what it holds.
  ///
  /// - Throws: ``CredentialError`` for a file that cannot be read at all.
  public func list() throws(CredentialError) -> ProfileListing {
    var entries: [ProfileListing.Entry] = []
    for (name, profile) in profiles.sorted(by: { $0.key < $1.key }) {
      entries.append(
        entry(name, "apig-lua", profile.place, isDefault: name == "default") { try profile.found(variable: variable) })
    }
    let files = CredentialFiles(variable: variable)
    if let path = files.kooCLI?.path, let file = try KooCLIFile.read(path) {
      for profile in file.profiles {
        entries.append(
          entry(profile.name, "KooCLI", path, isDefault: profile.name == file.current) { try file.found(profile) })
      }
    }
    if let path = files.sdk?.path, let file = try SDKCredentialsFile.read(path) {
      for section in file.sections {
        entries.append(
          entry(section, "SDKs", file.place(of: section), isDefault: section == SDKCredentialsFile.defaultSection) {
            try file.found(section)
          })
      }
    }
    return ProfileListing(entries: entries)
  }

  private func entry(
    _ name: String, _ tool: String, _ place: String, isDefault: Bool, _ find: () throws -> FoundCredential?
  ) -> ProfileListing.Entry {
    let summary: String
    var isUsable = false
    do {
      summary = try find()?.title ?? "nothing"
      isUsable = true
    } catch let error as CredentialError {
      summary = error.message
    } catch let error as KooCLIFile.Unusable {
      summary = error.reason
    } catch {
      summary = "\(error)"
    }
    return ProfileListing.Entry(
      name: name, tool: tool, place: place, summary: summary, isUsable: isUsable, isDefault: isDefault)
  }
}
