internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// `apig.file` and `apig.environ`: what lies around the run on its own machine.
struct FileLibrary: Sendable {
  /// Longest path, in bytes: the system takes none that is longer.
  private static let maximumPathLength = 4095

  let context: ScriptContext

  var functions: [LuaHostFunction] {
    [
      .recorded("read_file") { call in [try await read(call[0])] },
      .recorded("write_file") { call in
        try await write(call[1], to: call[0])
        return []
      },
      .recorded("find_variable") { call in [try await variable(call[0])] },
    ]
  }

  private func read(_ path: LuaValue) async throws -> LuaValue {
    try context.beforeGatewayCall()
    let path = try self.path(path, of: .readFile)
    let call = RecordedCall(
      ScriptFunction.readFile.name, ["path": .string(path)], title: "\(ScriptFunction.readFile.name) \(path)")
    let answer = try await context.recorder.answer(call) {
      let bytes = try await context.surroundings.readFile(path) { try await context.require(.readFile, $0) }
      return Document(recording: context.openedSecrets.closed(bytes))
    }
    return answer.recordedText
  }

  private func write(_ content: LuaValue, to path: LuaValue) async throws {
    try context.beforeGatewayCall()
    let path = try self.path(path, of: .writeFile)
    let bytes = try self.bytes(content)
    // The content itself is none of the journal's: the script comes to it again.
    let digest = ContentDigest.hex(Array("\(context.seed)\n".utf8) + bytes)
    let call = RecordedCall(
      ScriptFunction.writeFile.name,
      ["path": .string(path), "bytes": .integer(Int64(bytes.count)), "digest": .string(digest)],
      title: "\(ScriptFunction.writeFile.name) \(path)")
    // It is not written then: only here a plan can tell that the run would be refused.
    if context.mode == .plan { try await put(nil, path) }
    try context.beforeRequest(call)
    // A write that was under way when the run stopped is done again: a whole file twice is the same file.
    _ = try await context.recorder.carryOut(call) { _ in
      try await put(bytes, path)
      return true
    }
  }

  private func put(_ bytes: [UInt8]?, _ path: String) async throws {
    try await context.surroundings.writeFile(path, bytes) { try await context.require(.writeFile, $0) }
  }

  private func variable(_ value: LuaValue) async throws -> LuaValue {
    try context.beforeGatewayCall()
    let function = ScriptFunction.environ.name
    guard let name = value.stringValue, name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
      throw CallOptions.usage("bad argument #1 to '\(function)' (a name of letters, digits and _ expected)", nil)
    }
    let call = RecordedCall(function, ["name": .string(name)], title: "\(function) \(name)")
    let answer = try await context.recorder.answer(call) {
      let value = try await context.surroundings.environ(name) { try await context.require(.environ, name) }
      return value.map(Document.string) ?? .null
    }
    return answer.stringValue.map(LuaValue.text) ?? .nil
  }

  // MARK: - Arguments

  private func path(_ value: LuaValue, of function: ScriptFunction) throws(GatewayError) -> String {
    func wrong(_ what: String) -> GatewayError {
      CallOptions.usage("bad argument #1 to '\(function.name)' (\(what))", "write the path of a file")
    }
    guard case .string(let text) = value else { throw wrong("string expected, got \(value.typeName)") }
    // It is shown to people who decide on it.
    guard let path = text.string, !path.unicodeScalars.contains(where: \.isInvisible) else {
      throw wrong("the path holds what cannot be shown")
    }
    guard !path.isEmpty else { throw wrong("the path is empty") }
    guard path.utf8.count <= Self.maximumPathLength else {
      throw wrong("the path is longer than \(Self.maximumPathLength) bytes")
    }
    return path
  }

  /// What is written: secrets are their names there, as wherever they are shown.
  private func bytes(_ content: LuaValue) throws(GatewayError) -> [UInt8] {
    let function = ScriptFunction.writeFile.name
    guard case .string(let text) = context.plannedValues.leaving(content).replacingSecrets(SecretText.mark) else {
      throw CallOptions.usage("bad argument #2 to '\(function)' (string expected, got \(content.typeName))", nil)
    }
    guard text.count <= ScriptSurroundings.maximumFileSize else {
      throw CallOptions.usage(
        "'\(function)' writes at most \(ScriptSurroundings.maximumFileSize >> 20) MiB",
        "write several files")
    }
    return text.bytes
  }
}
