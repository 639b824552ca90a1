/// Names that are two here and one elsewhere: `A.lua` and `a.lua`, `lib` as a file and as a folder.
enum NameCollisions {
  /// - Throws: ``PackageError`` of kind `refused`.
  static func check(_ paths: [PackagePath]) throws(PackageError) {
    // What was seen under each name, as it was spelled, and whether it is a file.
    var seen: [String: (name: String, isFile: Bool)] = [:]
    for path in paths {
      var folder = ""
      let parts = path.parts
      for (index, part) in parts.enumerated() {
        folder += (index == 0 ? "" : "/") + part
        let isFile = index == parts.count - 1
        // Some letters have one large form and two small ones: s and ſ.
        let folded = folder.uppercased().lowercased()
        if let earlier = seen[folded] {
          let isSame = earlier.name == folder
          if isSame, !isFile, !earlier.isFile { continue }
          throw PackageError(
            .refused,
            !isSame
              ? "'\(earlier.name)' and '\(folder)' are one name on some file systems"
              : isFile && earlier.isFile ? "'\(folder)' is there more than once" : "'\(folder)' is a file and a folder")
        } else {
          seen[folded] = (folder, isFile)
        }
      }
    }
  }
}
