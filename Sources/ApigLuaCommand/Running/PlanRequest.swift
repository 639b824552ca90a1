internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime

/// What a plan is asked for beside a script: flags that may also stand behind it.
struct PlanRequest: Sendable {
  /// Where to save it; nil to show it only.
  var file: String?
  /// Whether the exit code tells that something would change.
  var tellsDifferences = false
  var assumptions = Assumptions()

  /// - Parameter file: where to save it; nil to show it only.
  init(file: String?) { self.file = file }

  /// - Parameters:
  ///   - words: what stands behind the script; what is for the plan is taken out. Behind `--` everything is the
  ///     script's.
  ///   - assumed: the words of `--assume` in front of the script.
  /// - Throws: ``UsageError``.
  init(file: String?, tellsDifferences: Bool, assumed: [String], words: inout [String]) throws {
    self.file = file
    self.tellsDifferences = tellsDifferences
    var assumed = assumed
    var rest: [String] = []
    var remaining = words[...]
    while let word = remaining.popFirst() {
      if word == "--" {
        rest += remaining
        break
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      switch parts[0] {
      case "--exit-code" where parts.count == 1: self.tellsDifferences = true
      case "--out", "--assume":
        guard let value = parts.count > 1 ? parts[1] : remaining.popFirst(), !value.isEmpty else {
          throw UsageError(message: "\(parts[0]) needs a value")
        }
        if parts[0] == "--out" { self.file = value } else { assumed.append(value) }
      default: rest.append(word)
      }
    }
    words = rest
    do throws(AssumptionError) {
      assumptions = try Assumptions(assumed)
    } catch {
      throw UsageError(message: error.message, hint: error.hint)
    }
    guard assumptions.isEmpty || self.file == nil else {
      throw UsageError(
        message: "--assume rehearses what may happen, and a rehearsal is nothing to apply",
        hint: "leave out --assume, or --out")
    }
  }
}
