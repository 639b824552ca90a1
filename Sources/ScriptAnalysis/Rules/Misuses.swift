internal import GatewayAPI
internal import GatewayScripting

/// Functions and parameters that are not there, and writing into what is read-only.
struct Misuses: ScriptRule {
  func findings(in script: ScriptReading) -> [ScriptFinding] {
    script.misuses.map { misuse in
      switch misuse.kind {
      case .unknown(let name, let table, let known):
        let message =
          table.hasPrefix("a ")
          ? "\(table) has no function '\(name)'" : "there is no '\(table).\(name)'"
        return script.finding(
          .error, "unknown-function", at: misuse.range, message, hint(for: name, of: table, known, script))
      case .unknownParameter(let name, let known):
        return script.finding(
          .error, "unknown-parameter", at: misuse.range, "the script declares no parameter '\(name)'",
          script.suggestion(for: name, in: known, otherwise: "declare it in apig.params"))
      case .unknownField(let name, let records, let isMethod):
        return unknownField(name, of: records, isMethod: isMethod, at: misuse.range, script)
      case .method(let name):
        return script.finding(
          .error, "call-form", at: misuse.range, "'\(name)' is called with a dot, not with a colon", "write \(name)")
      case .noMethod(let name):
        return script.finding(
          .error, "call-form", at: misuse.range, "operations of a gateway are called with a colon", "write :\(name)")
      case .assignment(let table):
        return script.finding(
          .error, "read-only", at: misuse.range, "'\(table)' is read-only", "use a name of your own")
      }
    }
  }

  private func unknownField(
    _ name: String, of records: [ScriptRecord], isMethod: Bool, at range: Range<Int>, _ script: ScriptReading
  ) -> ScriptFinding {
    let kinds = records.map { ScriptRecord.nameWithArticle($0.name) }.joined(separator: " or ")
    let known = records.flatMap { record in
      isMethod && !record.methods.isEmpty ? record.methods.map(\.name) : record.memberNames
    }
    let closest = script.suggestion(for: name, in: known)
    // The gateway may send more than its reference tells of, and a module may add to what it is given.
    let isCertain = !script.requiresModules && (closest != nil || !records.contains(where: \.isOfGateway))
    let all = known.isEmpty ? nil : "it has \(known.prefix(12).joined(separator: ", "))\(known.count > 12 ? ", …" : "")"
    return script.finding(
      isCertain ? .error : .warning, "unknown-field", at: range,
      "\(kinds) has no \(isMethod ? "function" : "field") '\(name)'", closest ?? all)
  }

  /// What was meant: a name of the same table, or the same name in another.
  private func hint(for name: String, of table: String, _ known: [String], _ script: ScriptReading) -> String? {
    if let closest = Suggestion.closest(to: name, in: known) {
      return "did you mean '\(table.hasPrefix("a ") ? "" : table + ".")\(closest)'?"
    }
    let elsewhere = ScriptFunctionCatalog.all.map(\.name).first { $0.split(separator: ".").last == name[...] }
    return elsewhere.map { "did you mean 'apig.\($0)'?" }
  }
}
