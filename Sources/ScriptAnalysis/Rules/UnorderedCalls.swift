internal import GatewayScripting

/// Calls that a journal holds, made in the order of `pairs` or `next`: it differs from run to run.
struct UnorderedCalls: ScriptRule {
  func findings(in script: ScriptReading) -> [ScriptFinding] {
    let reach = RecordedCallReach(script)
    var findings: [ScriptFinding] = []
    script.block.walk { node in
      guard case .statement(let statement) = node else { return true }
      switch statement.kind {
      case .genericFor(_, let values, let body):
        guard let name = iterator(values, script), reach.isReached(from: body.range) else { break }
        findings.append(finding(name, at: statement.range.lowerBound, script))
      case .whileLoop(_, let body), .repeatLoop(let body, _):
        let loop = statement.range
        let step = script.builtInCalls.first {
          $0.name == "next" && $0.arguments.count > 1 && loop.contains($0.range.lowerBound)
        }
        guard let step, reach.isReached(from: body.range) else { break }
        findings.append(finding("next", at: step.range.lowerBound, script))
      default: break
      }
      return true
    }
    return findings
  }

  private func finding(_ name: String, at offset: Int, _ script: ScriptReading) -> ScriptFinding {
    let end = name == "next" ? offset + name.utf8.count : offset + "for".utf8.count
    return script.finding(
      .warning, "unordered-calls", at: offset..<end,
      "\(name)() around a gateway call: the order differs between runs, so the run could not be resumed",
      "use apig.sorted(t) or a list")
  }

  /// `pairs` or `next`, when a loop goes by it.
  private func iterator(_ values: [Expression], _ script: ScriptReading) -> String? {
    guard let first = values.first else { return nil }
    if case .builtIn("next")? = script.meanings.meaning(of: first) { return "next" }
    guard case .suffixed(let base, let suffixes) = first.kind, suffixes.count == 1, first.isCall,
      case .builtIn("pairs")? = script.meanings.meaning(of: base)
    else { return nil }
    return "pairs"
  }
}

/// Where a script comes to a call that a journal holds, also through functions of its own.
private struct RecordedCallReach {
  private var places: [Int]

  init(_ script: ScriptReading) {
    places = script.calls.filter { $0.function.isRecorded }.map(\.range.lowerBound)
    // Functions that hold such a call are such calls wherever they are named, as often as it takes.
    var open: [(id: Variable.ID, range: Range<Int>)] = script.scopes.variables.indices.compactMap { id in
      let variable = script.scopes.variables[id]
      if let body = variable.function { return (id, body.block.range) }
      guard case .function(let body)? = variable.constantValue?.kind else { return nil }
      return (id, body.block.range)
    }
    var uses: [Variable.ID: [Int]] = [:]
    script.block.walk { node in
      if case .expression(let expression) = node, case .name(let name) = expression.kind,
        let id = script.scopes.variableID(of: name)
      {
        uses[id, default: []].append(name.range.lowerBound)
      }
      return true
    }
    var hasGrown = true
    while hasGrown {
      hasGrown = false
      let reaching = open.filter { isReached(from: $0.range) }
      for function in reaching {
        places += uses[function.id] ?? []
        hasGrown = true
      }
      open.removeAll { function in reaching.contains { $0.id == function.id } }
    }
  }

  func isReached(from range: Range<Int>) -> Bool { places.contains(where: range.contains) }
}
