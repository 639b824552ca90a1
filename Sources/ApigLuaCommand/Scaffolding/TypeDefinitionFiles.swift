internal import Foundation
internal import GatewayScripting

/// The definitions for lua-language-server, as files.
struct TypeDefinitionFiles: Sendable {
  /// Where a project keeps them.
  static let projectFolder = ".apig/types"

  /// Absolute.
  let folder: String

  var newFiles: [NewFile] { TypeDefinitions.files.map { NewFile(path: folder + "/" + $0.name, text: $0.text) } }

  /// Writes them, over what an earlier version of them is.
  ///
  /// - Throws: ``UsageError``: before anything is written for a file that is not one of them.
  func write() throws {
    for file in newFiles where FileManager.default.fileExists(atPath: file.path) {
      let text = try? String(contentsOfFile: file.path, encoding: .utf8)
      guard text?.hasPrefix(TypeDefinitions.mark) ?? false else {
        throw UsageError(
          message: "\(file.path) is there already and was not made by apig-lua types",
          hint: "choose another folder: apig-lua types --out DIR")
      }
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for file in newFiles { try file.text.write(toFile: file.path, atomically: true, encoding: .utf8) }
    } catch {
      throw UsageError(message: "\(folder) cannot be written: \((error as NSError).localizedDescription)")
    }
  }
}
