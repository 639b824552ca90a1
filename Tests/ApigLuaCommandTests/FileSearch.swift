import Foundation
import Testing

/// Looks for a text in the bytes of every file below a folder.
///
/// - Returns: the files that hold it, and how many were read.
func search(_ folder: URL, for text: String) throws -> (holding: [String], count: Int) {
  var (holding, count) = ([String](), 0)
  let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey]))
  for case let file as URL in files {
    guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
    count += 1
    if try Data(contentsOf: file).firstRange(of: Data(text.utf8)) != nil { holding.append(file.path) }
  }
  return (holding, count)
}
