internal import Foundation
internal import Glibc

/// Puts a folder in the place of another, whole or not at all.
enum FolderReplacement {
  /// Writes files into a new folder beside the target, then gives it the target's name.
  ///
  /// - Parameters:
  ///   - target: the folder that the files are to be; none of the folders above it may be a link below `root`.
  ///   - root: what is trusted to be where it says.
  /// - Throws: ``PackageError`` of kind `refused` for links on the way; what writing throws. Then the target is what it
  ///   was.
  static func write(_ files: [(name: String, content: [UInt8])], to target: String, below root: String) throws {
    let parent = URL(filePath: target).deletingLastPathComponent().path
    try requireNoLinks(to: parent, below: root)
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    let fresh = parent + "/.new-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: fresh, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: fresh) }
    for file in files {
      let url = URL(filePath: fresh + "/" + file.name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.content).write(to: url, options: .withoutOverwriting)
    }
    // What was there steps aside; should that be all that happens, installing again mends it.
    let aside = parent + "/.old-" + UUID().uuidString
    let wasThere = rename(target, aside) == 0
    guard rename(fresh, target) == 0 else {
      let reason = String(cString: strerror(errno))
      if wasThere { rename(aside, target) }
      throw PackageError(.unavailable, place: target, "it cannot be written: \(reason)")
    }
    if wasThere { try FileManager.default.removeItem(atPath: aside) }
  }

  /// Removes a folder with all that is in it, and the one above it should nothing else be left there.
  ///
  /// - Parameters:
  ///   - target: none of the folders above it may be a link below `root`.
  ///   - root: what is trusted to be where it says.
  /// - Throws: ``PackageError``: of kind `refused` for links on the way; what removing throws.
  static func remove(_ target: String, below root: String) throws {
    let parent = URL(filePath: target).deletingLastPathComponent().path
    try requireNoLinks(to: parent, below: root)
    // Aside first: what cannot be removed whole is not left there in part.
    let aside = parent + "/.old-" + UUID().uuidString
    guard rename(target, aside) == 0 else {
      throw PackageError(.unavailable, place: target, "it cannot be removed: \(String(cString: strerror(errno)))")
    }
    try FileManager.default.removeItem(atPath: aside)
    rmdir(parent)
  }

  /// Makes sure that a path leads where it seems to: through folders, as far as it is there.
  ///
  /// - Throws: ``PackageError`` of kind `refused`.
  static func requireNoLinks(to path: String, below root: String) throws(PackageError) {
    var current = root
    for part in path.dropFirst(root.count).split(separator: "/") {
      current += "/" + part
      var status = stat()
      guard lstat(current, &status) == 0 else { return }
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw PackageError(
          .refused, place: current, "it is no folder: packages are neither written nor removed through links",
          hint: "take it away; apig-lua pkg install makes the folder anew")
      }
    }
  }
}
