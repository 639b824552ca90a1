internal import GatewayAPI
internal import GatewayScripting

/// Arguments and options that a function of `apig` does not take.
struct CallArguments: ScriptRule {
  func findings(in script: ScriptReading) -> [ScriptFinding] {
    script.calls.flatMap { call in arguments(of: call, script) + options(of: call, script) }
  }

  // MARK: - Arguments

  private func arguments(of call: ScriptCall, _ script: ScriptReading) -> [ScriptFinding] {
    let places = call.places
    var findings: [ScriptFinding] = []
    for (place, argument) in zip(places, call.arguments) {
      guard let value = script.scopes.value(of: argument),
        let problem = ValueCheck(value, script.scopes).problem(with: place.type)
      else { continue }
      let hint = place.hasOptions ? "write \(call.shownName){ \(example(call.function)) }" : problem.hint
      findings.append(
        script.finding(
          .error, "argument", at: argument.range,
          "argument '\(place.name)' of \(call.shownName) \(problem.message)", hint))
    }
    let isOpen = call.arguments.last.map { $0.isCall || $0.isEllipsis } ?? false
    if call.arguments.count > places.count, !call.function.isVariadic {
      findings.append(
        script.finding(
          .error, "argument", at: call.arguments[places.count].range,
          "\(call.shownName) takes \(count(places.count)), not \(call.arguments.count)"))
    }
    let missing = places.dropFirst(call.arguments.count).first { !$0.isOptional && !$0.hasOptions }
    if let missing, !isOpen {
      findings.append(
        script.finding(
          .error, "argument", at: call.nameRange, "\(call.shownName) needs its argument '\(missing.name)'",
          "a \(missing.type.name)"))
    }
    return findings
  }

  private func count(_ number: Int) -> String {
    number == 0 ? "no arguments" : number == 1 ? "one argument" : "\(number) arguments"
  }

  private func example(_ function: ScriptFunction) -> String {
    let first = function.alternatives.compactMap(\.first)
    return (first.isEmpty ? function.options.prefix(1).map(\.name) : first).map { "\($0) = …" }.joined(separator: ", ")
  }

  // MARK: - Options

  private func options(of call: ScriptCall, _ script: ScriptReading) -> [ScriptFinding] {
    guard call.function.arguments.contains(where: \.hasOptions) else { return [] }
    guard let items = call.optionItems else {
      // No options at all are an empty table.
      return call.arguments.isEmpty ? missing(call, given: [], script) : []
    }
    var findings: [ScriptFinding] = []
    var given: [Name] = []
    var isOpen = false
    for item in items {
      if case .position = item.key {
        if item.value.isCall || item.value.isEllipsis { isOpen = true }
        findings.append(
          script.finding(
            .error, "option", at: item.value.range, "\(call.shownName) takes options by name, not a list",
            "write \(call.shownName){ \(example(call.function)) }"))
        return findings
      }
      guard let name = item.name else {
        isOpen = true
        continue
      }
      if given.contains(where: { $0.text == name.text }) {
        findings.append(script.finding(.warning, "option", at: name.range, "option '\(name.text)' is given twice"))
      }
      if case .nil? = script.scopes.value(of: item.value) {
        // As if it were not there.
      } else {
        given.append(name)
      }
      findings += problem(with: item, name, of: call, script).map { [$0] } ?? []
    }
    // A mistyped option is what is missing.
    let hasUnknown = findings.contains { $0.rule == "unknown-option" }
    if !isOpen, !hasUnknown { findings += missing(call, given: sufficient(given, call, script), script) }
    return findings + exclusive(call, given, script)
  }

  private func problem(
    with item: TableItem, _ name: Name, of call: ScriptCall, _ script: ScriptReading
  ) -> ScriptFinding? {
    guard let option = call.function.option(name.text) else {
      let known = call.function.options.map(\.name)
      return script.finding(
        .error, "unknown-option", at: name.range, "unknown option '\(name.text)' of \(call.shownName)",
        script.suggestion(
          for: name.text, in: known,
          otherwise: known.isEmpty ? "it takes none" : "it takes \(known.joined(separator: ", "))"))
    }
    guard let value = script.scopes.value(of: item.value) else { return nil }
    if case .nil = value { return nil }
    let check = ValueCheck(value, script.scopes)
    guard let problem = check.problem(with: option.type, maximumLength: option.field?.maximumLength) else { return nil }
    return script.finding(
      .error, "option", at: item.value.range, "option '\(name.text)' of \(call.shownName) \(problem.message)",
      problem.hint)
  }

  /// The names of the options that count, of those that are given.
  private func sufficient(_ given: [Name], _ call: ScriptCall, _ script: ScriptReading) -> [String] {
    given.map(\.text).filter { name in
      guard let word = call.function.sufficientWords[name],
        let text = call.option(name).flatMap(script.scopes.value)?.text
      else { return true }
      return text == word
    }
  }

  private func missing(_ call: ScriptCall, given: [String], _ script: ScriptReading) -> [ScriptFinding] {
    call.function.alternatives.filter { Set($0).isDisjoint(with: given) }.map { group in
      // An ID is another way to say the same.
      let names = group.filter { !$0.hasSuffix("_id") || !group.contains(String($0.dropLast(3))) }
      return script.finding(
        .error, "missing-option", at: call.nameRange, "\(call.shownName) needs \(names.alternatives)",
        names.compactMap { name in
          call.function.sufficientWords[name].map { "'\(name)' counts only as \"\($0)\"" }
        }.first)
    }
  }

  private func exclusive(_ call: ScriptCall, _ given: [Name], _ script: ScriptReading) -> [ScriptFinding] {
    let both = given.filter { call.function.exclusives.contains($0.text) }
    guard both.count > 1 else { return [] }
    return [
      script.finding(
        .error, "option", at: both[1].range,
        "\(call.shownName) takes one of \(both.map(\.text).map { "'\($0)'" }.joined(separator: " and ")), not both")
    ]
  }
}

extension Expression {
  var isEllipsis: Bool {
    if case .ellipsis = kind { true } else { false }
  }
}
