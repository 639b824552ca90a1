internal import GatewayScripting

/// Calls that a journal holds, made in the order of `pairs` or `next`: it differs from run to run.
struct UnorderedCalls: ScriptRule {
  func findings(in script: ScriptReading) -> [ScriptFinding] {
    let reach = RecordedCallReach(script)
    let steps = script.builtInCalls.filter { $0.name == "next" && $0.arguments.count > 1 }
    var findings: [ScriptFinding] = []
    script.block.walk { node in
      guard case .statement(let statement) = node else { return true }
      switch statement.kind {
      case .genericFor(_, let values, let body):
        guard let name = iterator(values, script), reach.isReached(from: body.range) else { break }
        findings.append(finding(name, at: statement.range.lowerBound, script))
      case .whileLoop(_, let body), .repeatLoop(let body, _):
        let loop = statement.range
        let step = steps.first { loop.contains($0.range.lowerBound) }
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
  /// Sorted.
  private let places: [Int]

  init(_ script: ScriptReading) {
    let functions = FunctionPlaces(script)
    var reached: Set<Variable.ID> = []
    var places: [Int] = []
    // Functions that hold such a call are such calls wherever they are named, as often as it takes.
    var open = script.calls.filter { $0.function.isRecorded }.map(\.range.lowerBound)
    while let place = open.popLast() {
      places.append(place)
      functions.forEach(around: place) { id in
        // What is around a function that is reached was reached with it.
        guard reached.insert(id).inserted else { return false }
        open += functions.uses[id] ?? []
        return true
      }
    }
    self.places = places.sorted()
  }

  func isReached(from range: Range<Int>) -> Bool {
    let next = places.lowerEnd { $0 < range.lowerBound }
    return next < places.count && places[next] < range.upperBound
  }
}

/// The functions of a script that have a name, and where they are named.
private struct FunctionPlaces {
  /// In the order of the script: of two, one lies in the other or before it.
  private var functions: [(id: Variable.ID, range: Range<Int>, outer: Int?)] = []
  private(set) var uses: [Variable.ID: [Int]] = [:]

  init(_ script: ScriptReading) {
    var found: [(id: Variable.ID, range: Range<Int>)] = []
    for (id, variable) in script.scopes.variables.enumerated() {
      if let body = variable.function {
        found.append((id, body.block.range))
      } else if case .function(let body)? = variable.constantValue?.kind {
        found.append((id, body.block.range))
      }
    }
    var around: [Int] = []
    for (index, function) in found.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }).enumerated() {
      while let last = around.last, functions[last].range.upperBound <= function.range.lowerBound {
        around.removeLast()
      }
      functions.append((function.id, function.range, around.last))
      around.append(index)
    }
    let ids = Set(found.map(\.id))
    var uses: [Variable.ID: [Int]] = [:]
    script.block.walk { node in
      if case .expression(let expression) = node, case .name(let name) = expression.kind,
        let id = script.scopes.variableID(of: name), ids.contains(id)
      {
        uses[id, default: []].append(name.range.lowerBound)
      }
      return true
    }
    self.uses = uses
  }

  /// Goes from the innermost function around a place outwards.
  ///
  /// - Parameter visit: returns whether to go on.
  func forEach(around place: Int, _ visit: (Variable.ID) -> Bool) {
    var index: Int? = functions.lowerEnd { $0.range.lowerBound <= place } - 1
    if index == -1 { return }
    while let current = index {
      if functions[current].range.contains(place), !visit(functions[current].id) { return }
      index = functions[current].outer
    }
  }
}

extension Array {
  /// How many elements at the beginning fulfil a condition that none behind them does.
  fileprivate func lowerEnd(_ isBelow: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isBelow(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
