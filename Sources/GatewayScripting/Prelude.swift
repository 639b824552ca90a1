/// The module's Lua, of several files.
enum Prelude {
  /// One chunk: the parts as functions, then what calls them.
  static let text = """
    local host = ...
    return (function(...) \(source(PackageResources.apig_lua))
    end)(host, { release = function(...) \(source(PackageResources.release_lua))
    end })
    """

  /// The host functions that it calls itself, before any code of the script runs.
  static let firstFunctions: Set<String> = ["operations", "option_names", "record_classes", "run_facts"]

  private static func source(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
