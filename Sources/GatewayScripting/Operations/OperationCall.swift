internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// One call of a gateway function by a script, from its options table to its result.
struct OperationCall: Sendable {
  let run: ReleaseRun
  /// Keeps the lists that are longer than a page.
  let unreadLists: UnreadLists
  /// Environment for calls that name none: the command's `--env`.
  let defaultEnvironment: String?
  /// What is left of every selection.
  var narrowing = Narrowing()
  /// The environment, by name or ID, whose versions alone may be published into another, of this ID and name.
  var promotionSource: (@Sendable (_ id: String, _ name: String) -> String?)?

  private var resolver: ReferenceResolver { ReferenceResolver(names: run.names) }

  /// - Parameter table: the options as the script gave them.
  /// - Returns: the value the script gets.
  /// - Throws: `GatewayError`; `CancellationError`.
  func callAsFunction<Operation: GatewayOperation>(
    _ type: Operation.Type, _ table: LuaValue
  ) async throws -> LuaValue {
    let descriptor = type.descriptor
    let options = try CallOptions(
      table, of: descriptor.name, parameters: ScriptParameter.parameters(of: descriptor))
    do {
      if let action = descriptor.batchAction, ["apis", "group", "group_id"].contains(where: options.has) {
        return try await SeveralAPIs(call: self, action: action)(options, of: descriptor)
      }
      let form = try FileForm(options, of: descriptor)
      var values = try await values(of: descriptor, from: options)
      form.adjust(&values)
      guard try await PublicationCheck(call: self, options: options, descriptor: descriptor).allows(values) else {
        return .nil
      }
      return try await form.value(of: result(of: type, values, options))
    } catch var error as GatewayError {
      error.operation = error.operation ?? descriptor.name
      error.api = error.api ?? options["api"].stringValue ?? options["api_id"].stringValue
      error.environment = error.environment ?? options["env"].stringValue ?? options["env_id"].stringValue
      throw error
    }
  }

  // MARK: - In

  private func values(
    of descriptor: OperationDescriptor, from options: CallOptions
  ) async throws -> [String: Document] {
    var values: [String: Document] = [:]
    // A version is looked up among those of its API and environment, so it comes last.
    var versionParameters: [ScriptParameter] = []
    for parameter in ScriptParameter.parameters(of: descriptor) {
      guard let field = parameter.field, options.has(parameter.name) else { continue }
      let value = options[parameter.name]
      switch parameter.meaning {
      case .value: values[field.name] = try plainValue(value, of: parameter, in: options)
      case .reference(.version): versionParameters.append(parameter)
      case .reference(let kind):
        values[field.name] = .string(
          try await resolver.id(of: kind, value, option: parameter.name, in: options))
      case .references(let kind):
        values[field.name] = .array(
          try await resolver.ids(of: kind, value, option: parameter.name, in: options).map(Document.string))
      }
    }
    if values["env_id"] == nil, let environmentID = try await defaultEnvironmentID(for: descriptor) {
      values["env_id"] = .string(environmentID)
    }
    try requireFields(of: descriptor, in: values, and: versionParameters, options)
    for parameter in versionParameters {
      guard let field = parameter.field else { continue }
      values[field.name] = .string(try await versionID(options[parameter.name], values, options))
    }
    return values
  }

  private func plainValue(
    _ value: LuaValue, of parameter: ScriptParameter, in options: CallOptions
  ) throws(GatewayError) -> Document {
    guard let document = try? Document(value) else {
      throw options.mismatch(parameter.name, expected: parameter.typeName, got: value)
    }
    // An empty Lua table is as much an object as a list: the field's type decides.
    if case .document? = parameter.field?.type, document == .array([]) { return .object([:]) }
    return document
  }

  func defaultEnvironmentID(for descriptor: OperationDescriptor) async throws -> String? {
    guard let defaultEnvironment, descriptor.fields.contains(where: { $0.name == "env_id" && $0.isRequired }) else {
      return nil
    }
    return try await run.names.id(of: .environment, named: defaultEnvironment)
  }

  func environmentID(_ options: CallOptions, for descriptor: OperationDescriptor) async throws -> String {
    if options.has("env_id") {
      guard let id = options["env_id"].stringValue else {
        throw options.mismatch("env_id", expected: "env ID", got: options["env_id"])
      }
      return id
    }
    if options.has("env") {
      return try await resolver.id(of: .environment, options["env"], option: "env", in: options)
    }
    guard let id = try await defaultEnvironmentID(for: descriptor) else { throw missing("env", options) }
    return id
  }

  /// The environment that must run what is published, by the configuration; nil when it demands none.
  func promotionSource(of environmentID: String) async throws -> (id: String, name: String)? {
    guard let promotionSource else { return nil }
    let name = try await run.names.environmentName(id: environmentID) ?? environmentID
    guard let source = promotionSource(environmentID, name) else { return nil }
    let id = try await run.names.id(of: .environment, named: source)
    return (id, try await run.names.environmentName(id: id) ?? source)
  }

  func apiIDs(_ options: CallOptions) async throws -> [String] {
    if options.has("apis") {
      return try await resolver.ids(of: .api, options["apis"], option: "apis", in: options)
    }
    var list = ListAPIs()
    if options.has("group_id") {
      list.groupID = options["group_id"].stringValue
    } else {
      list.groupID = try await resolver.id(of: .group, options["group"], option: "group", in: options)
    }
    let members = try await run.all(list).items
    guard !members.isEmpty else {
      throw GatewayError(kind: .notFound, message: "the group holds no APIs", hint: "check its name with apig.apis")
    }
    return members.filter(narrowing.admits).compactMap(\.id)
  }

  private func requireFields(
    of descriptor: OperationDescriptor, in values: [String: Document], and versions: [ScriptParameter],
    _ options: CallOptions
  ) throws(GatewayError) {
    for field in descriptor.fields where field.isRequired && field.defaultValue == nil && values[field.name] == nil {
      guard !versions.contains(where: { $0.field?.name == field.name }) else { continue }
      guard case .reference(let kind) = field.type else { throw missing(field.scriptName, options) }
      throw missing(kind.rawValue, options)
    }
  }

  private func missing(_ name: String, _ options: CallOptions) -> GatewayError {
    CallOptions.usage(
      "'\(options.function)' needs '\(name)'",
      name == "env" ? "write env = \"RELEASE\", or run with --env RELEASE" : nil)
  }

  /// The version that is meant; looked up, and checked against the environment, where one is given.
  private func versionID(
    _ value: LuaValue, _ values: [String: Document], _ options: CallOptions
  ) async throws -> String {
    let selector = try resolver.version(value, in: options)
    let environmentID = values["env_id"]?.stringValue
    if case .id(let id) = selector, environmentID == nil || values["api_id"] == nil { return id }
    guard let apiID = values["api_id"]?.stringValue else {
      throw CallOptions.usage("'\(options.function)' takes a version by its ID or record", nil)
    }
    let history = try await run.all(History(apiID: apiID, environmentID: environmentID)).items
    var environment: String?
    if let environmentID {
      environment = await run.names.name(of: .environment, id: environmentID) ?? environmentID
    }
    let api = await run.names.name(of: .api, id: apiID) ?? apiID
    guard let id = try selector.select(from: history, api: api, environment: environment).versionID else {
      throw GatewayError(kind: .unavailable, message: "the gateway's history names a version without an ID")
    }
    return id
  }

  // MARK: - Out

  private func result<Operation: GatewayOperation>(
    of type: Operation.Type, _ values: [String: Document], _ options: CallOptions
  ) async throws -> LuaValue {
    if let paged = type as? any PagedOperation.Type { return try await page(of: paged, values) }
    let output = try await run.perform(try type.make(values))
    if let record = output as? any GatewayRecord { return LuaValue(record) }
    if let file = output as? ExportedDocument { return .string(LuaString(bytes: file.bytes)) }
    if let result = output as? BatchResult {
      // `batch` is the documented operation as it is: it answers with both lists.
      return try SeveralAPIs.value(of: result, .return)
    }
    return .nil
  }

  /// A list: with a limit so many items, otherwise the first page and, while it is read, the others.
  private func page<Operation: PagedOperation>(
    of type: Operation.Type, _ values: [String: Document]
  ) async throws -> LuaValue {
    let operation = try type.make(values)
    let pages = ListPages(operation, run: run)
    guard let limit = operation.limit else {
      return await unreadLists.list(of: Operation.Element.schema, try await pages.next())
    }
    let (items, total) = try await run.all(operation, limit: limit)
    return await unreadLists.list(of: Operation.Element.schema, await pages.page(items, total: total))
  }
}
