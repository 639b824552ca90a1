internal import ReleaseEngine

/// What went wrong in a run, as GitHub shows it beside the script's lines.
///
/// APIs that failed at one line for one reason are one annotation: a step shows ten at most.
struct RunAnnotations: Sendable {
  let account: RunAccount

  private struct Group {
    let place: String?
    let problem: String
    var names: [String]
  }

  var text: String {
    var groups: [Group] = []
    for change in account.changes.apis where change.state != .undone {
      guard let problem = account.problem(of: change) else { continue }
      let place = account.origins[change].place
      let name = change.apiName ?? change.apiID
      if let index = groups.firstIndex(where: { $0.place == place && $0.problem == problem }) {
        groups[index].names.append(name)
      } else {
        groups.append(Group(place: place, problem: problem, names: [name]))
      }
    }
    var lines = groups.map { annotation($0.place, "\(subject($0.names)): \($0.problem)") }
    if let failure = account.problem, groups.isEmpty || account.failure != nil,
      !groups.contains(where: { $0.place == failure.place })
    {
      let undone = account.changes.apis.count { $0.state == .undone }
      let rest = undone == 0 ? "" : "; \(undone) API\(undone == 1 ? "" : "s") put back"
      lines.append(annotation(failure.place, failure.message + rest))
    }
    return lines.joined()
  }

  private func subject(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
  }

  private func annotation(_ place: String?, _ message: String) -> String {
    var properties: [(String, String)] = []
    if let (path, line) = account.file(of: place) { properties += [("file", path), ("line", "\(line)")] }
    properties.append(("title", "apig-lua \(account.script), run \(account.run)"))
    return WorkflowText.command("error", properties, message)
  }
}
