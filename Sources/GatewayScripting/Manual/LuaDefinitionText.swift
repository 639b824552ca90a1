internal import GatewayAPI

/// Definitions in Lua with annotations, as they are put together.
struct LuaDefinitionText {
  private(set) var text = ""

  mutating func line(_ line: String) { text += line + "\n" }

  mutating func gap() { text += "\n" }

  /// Shown on hover.
  mutating func comment(_ comment: String) {
    for part in comment.split(separator: "\n", omittingEmptySubsequences: false) {
      line(part.isEmpty ? "---" : "---\(part)")
    }
  }

  // MARK: - Tables

  mutating func record(_ record: ScriptRecord) {
    let name = LuaAnnotation.className(record.name)
    gap()
    comment(record.summary)
    line("---@class \(name)")
    let isList = ScriptRecordCatalog.lists.contains { $0.name == record.name }
    if isList {
      let element = String(record.name.dropFirst("list of ".count).dropLast())
      line("---@field [integer] \(LuaAnnotation.className(element))")
    }
    for field in record.fields { self.field(field.name, field.shape, field.help) }
    guard !record.methods.isEmpty else { return }
    let local = LuaAnnotation.identifier(record.name)
    line("local \(local) = {}")
    for method in record.methods { function(method, in: "apig", table: local, separator: ":") }
  }

  private mutating func field(_ name: String, _ shape: ScriptShape, _ help: String) {
    if case .optional(let inner) = shape {
      line("---@field \(name)? \(LuaAnnotation.text(of: inner)) \(help)")
    } else {
      line("---@field \(name) \(LuaAnnotation.text(of: shape)) \(help)")
    }
  }

  /// The class of a function's options.
  mutating func options(of function: ScriptFunction, in module: String) {
    guard function.hasOptions else { return }
    gap()
    line("---@class \(LuaAnnotation.optionsClass(function.name, in: module))")
    for option in function.options {
      let shape = ScriptShape.value(option.type)
      field(option.name, function.demands(option) ? shape : .optional(shape), option.help)
    }
  }

  // MARK: - Functions

  /// - Parameters:
  ///   - module: that its options are named after.
  ///   - table: what it is put into; nil for a global.
  mutating func function(
    _ function: ScriptFunction, in module: String, table: String? = "apig", separator: String,
    results: [String]? = nil
  ) {
    gap()
    comment(FunctionManual(function).hover)
    let generics = function.genericNames
    if !generics.isEmpty { line("---@generic \(generics.joined(separator: ", "))") }
    for parameter in parameters(of: function, in: module) {
      line("---@param \(parameter.name) \(parameter.type) \(parameter.help)".trimmingEnd)
    }
    if function.isVariadic { line("---@param ... any") }
    let returned = results ?? function.results.map(LuaAnnotation.text)
    for result in returned { line("---@return \(result)") }
    let names = function.arguments.map(\.name) + (function.isVariadic ? ["..."] : [])
    let name = table.map { "\($0)\(separator)\(function.name)" } ?? function.name
    line("function \(name)(\(names.joined(separator: ", "))) end")
  }

  /// The same function in `apig.try`: what it returns, or nil and the error.
  mutating func twin(_ function: ScriptFunction) {
    let results = function.results.isEmpty ? ["nil"] : function.results.map { LuaAnnotation.text(of: .optional($0)) }
    self.function(
      function, in: "apig", table: "apig.try", separator: ".",
      results: results + [LuaAnnotation.text(of: .optional(.record("error")))])
  }

  private func type(of argument: ScriptFunction.Argument, of function: ScriptFunction, in module: String) -> String {
    argument.hasOptions ? LuaAnnotation.optionsClass(function.name, in: module) : LuaAnnotation.text(of: argument.shape)
  }

  private struct Parameter {
    /// With `?` where it may be left out.
    var name: String
    var type: String
    let help: String
  }

  /// The parameters as annotations have them: what may be left out before the last takes the last one's place then.
  private func parameters(of function: ScriptFunction, in module: String) -> [Parameter] {
    let arguments = function.arguments
    var parameters = arguments.enumerated().map { index, argument in
      Parameter(
        name: argument.name + (arguments[index...].allSatisfy(\.isOptional) ? "?" : ""),
        type: argument.hasOptions
          ? LuaAnnotation.optionsClass(function.name, in: module) : LuaAnnotation.text(of: argument.shape),
        help: argument.help)
    }
    if let last = arguments.indices.last, last > 0, arguments[last - 1].isOptional, !arguments[last].isOptional {
      parameters[last - 1].type += "|" + parameters[last].type
      parameters[last].name += "?"
    }
    return parameters
  }
}

extension ScriptFunction {
  var hasOptions: Bool { arguments.contains(where: \.hasOptions) }

  fileprivate var genericNames: [String] {
    var seen: Set<String> = []
    return (arguments.flatMap(\.shape.genericNames) + results.flatMap(\.genericNames)).filter {
      seen.insert($0).inserted
    }
  }
}
