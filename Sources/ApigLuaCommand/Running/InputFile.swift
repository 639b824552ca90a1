internal import GatewayAPI
internal import LuaRuntime

/// A JSON file that a command is given.
enum InputFile {
  /// - Throws: ``UsageError`` that names the file.
  static func json(_ path: String, hint: String) throws -> Document {
    let bytes: [UInt8]
    do {
      bytes = try TextFile.read(path)
    } catch {
      throw UsageError(message: "\(path) \(error.reason)")
    }
    do {
      return try Document(json: bytes)
    } catch {
      throw UsageError(message: "\(path) is no JSON: \(error)", hint: hint)
    }
  }
}
