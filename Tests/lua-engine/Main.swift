import Foundation
import LuaRuntime

/// Runs one file of Lua's own test suite in an engine: `lua-engine plain|hook|sandbox FILE`, in the suite's folder.
@main struct Main {
  static func main() async {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let profile = Profile(rawValue: arguments[1]) else {
      return end("usage: lua-engine plain|hook|sandbox FILE", status: 64)
    }
    do {
      try await profile.run(arguments[2])
    } catch let error as LuaError {
      end("\(error)\n\(error.traceback ?? "")", status: 1)
    } catch {
      end("\(error)", status: 1)
    }
  }

  private static func end(_ message: String, status: Int32) {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(status)
  }
}

/// How a file is run.
enum Profile: String {
  /// Stock library, no hook.
  case plain
  /// Stock library; the engine's hook stays.
  case hook
  /// The sandbox's library.
  case sandbox

  private var library: LuaLibrary { self == .sandbox ? .sandbox : .unrestricted }

  /// What the suite's own `all.lua` sets for users, and the path of its modules.
  private var preparation: String {
    let common = """
      _soft, _port, _nomsg = true, true, true
      T = nil
      Message = function() end
      arg = { [0] = ..., [-1] = 'lua' }
      """
    return switch self {
    case .plain, .hook: common + "\npackage.path = './?.lua;' .. package.path"
    // The files require the standard libraries too, and `debug` before anything else.
    case .sandbox:
      common + """

        local require_module = require
        local absent = setmetatable({}, { __index = function(_, name) error('there is no debug.' .. name, 2) end })
        function require(name)
          return _G[name] or name == 'debug' and absent or require_module(name)
        end
        """
    }
  }

  private func chunk(_ file: String) throws -> LuaChunk {
    switch self {
    case .plain: LuaChunk(name: "run", source: "debug.sethook() dofile(...)")
    case .hook: LuaChunk(name: "run", source: "dofile(...)")
    case .sandbox: LuaChunk(name: file, source: Array(try Data(contentsOf: URL(filePath: file))))
    }
  }

  func run(_ file: String) async throws {
    var limits = LuaLimits()
    limits.memory = 1 << 40
    limits.luaTime = nil
    let engine = try await LuaEngine(
      limits: limits, library: library,
      moduleSource: { name in
        let source = try? Data(contentsOf: URL(filePath: name + ".lua"))
        return source.map { (name + ".lua", Array($0)) }
      },
      output: { line in FileHandle.standardOutput.write(Data(line.bytes)) })
    let name = LuaValue.text(file)
    _ = try await engine.run(LuaChunk(name: "prepare", source: preparation), arguments: [name])
    _ = try await engine.run(try chunk(file), arguments: [name])
  }
}
