internal import Foundation
internal import LuaRuntime

/// A file of tests.
struct SpecFile: Sendable, Hashable {
  /// Absolute.
  let path: String
  /// As people are told of it.
  let shown: String
  /// The working folder.
  let folder: String

  private var ownFolder: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

  /// Where the scripts that it names are looked for: beside it, above its folder, in the working folder.
  var scriptFolders: [String] { [ownFolder, ownFolder + "/..", folder] }

  /// Its own modules, then those of the playbooks.
  var modules: ModuleFolders { ModuleFolders(paths: Self.moduleFolders(of: ownFolder)) }

  /// Where tests in a folder find their modules.
  static func moduleFolders(of folder: String) -> [String] { [folder, folder + "/.."] }

  /// How the names of files of tests end.
  static let ending = "_spec.lua"

  /// Finds the files: those that are named, and all in the folders that are.
  ///
  /// - Parameters:
  ///   - paths: none mean the folder `spec`, or all below the working folder where there is none.
  ///   - folder: the working folder.
  /// - Throws: ``UsageError`` for what is not there, or holds no test.
  static func find(_ paths: [String], in folder: String) throws -> [SpecFile] {
    var isFolder: ObjCBool = false
    let hasSpecs =
      FileManager.default.fileExists(atPath: folder + "/spec", isDirectory: &isFolder) && isFolder.boolValue
    var files: [SpecFile] = []
    for path in paths.isEmpty ? [hasSpecs ? "spec" : "."] : paths {
      for file in try found(path, in: folder) where !files.contains(where: { $0.path == file.path }) {
        files.append(file)
      }
    }
    guard !files.isEmpty else {
      throw UsageError(
        message: "there are no tests in \(paths.isEmpty ? "this folder" : paths.joined(separator: ", "))",
        hint: "a file of tests has a name that ends with \(ending): spec/release\(ending)")
    }
    return files
  }

  private static func found(_ path: String, in folder: String) throws -> [SpecFile] {
    let absolute = path.hasPrefix("/") ? path : folder + "/" + path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: absolute, isDirectory: &isFolder) else {
      throw UsageError(message: "there is no file or folder '\(path)'", hint: "apig-lua test spec/release\(ending)")
    }
    guard isFolder.boolValue else {
      return [SpecFile(path: standardized(absolute), shown: path, folder: folder)]
    }
    let walk = FileManager.default.enumerator(
      at: URL(filePath: absolute), includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
    let names = (walk?.compactMap { ($0 as? URL)?.path } ?? []).filter { $0.hasSuffix(ending) }.sorted()
    let root = standardized(absolute)
    let prefix = path == "." ? "" : path.hasSuffix("/") ? path : path + "/"
    return names.map(standardized).map { file in
      SpecFile(
        path: file, shown: file.hasPrefix(root + "/") ? prefix + file.dropFirst(root.count + 1) : file, folder: folder)
    }
  }

  private static func standardized(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
}
