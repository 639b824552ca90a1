public import Foundation

/// Packages of playbooks in folders of a test.
public enum PackageFiles {
  /// Writes files below a folder, with the folders between.
  public static func write(_ files: [String: String], to folder: URL) throws {
    for (name, text) in files {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
  }

  /// Writes a package of one module.
  ///
  /// - Parameter lines: more of its manifest.
  public static func writePackage(
    _ name: String = "acme/rotate", version: String = "1.0.0", lines: [String] = [], code: String = "return { n = 1 }",
    to folder: URL
  ) throws {
    let manifest = ["name: \(name)", "version: \(version)"] + lines
    try write(["package.yaml": manifest.joined(separator: "\n") + "\n", "init.lua": code + "\n"], to: folder)
  }

  /// The names below a folder, sorted.
  public static func names(below folder: URL) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
  }
}
