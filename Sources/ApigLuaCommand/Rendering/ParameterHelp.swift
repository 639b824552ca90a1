internal import GatewayScripting

/// `apig-lua SCRIPT --help`: what the playbook says of itself.
struct ParameterHelp {
  let script: String
  let description: PlaybookDescription

  var text: String {
    var text = "usage: apig-lua \(script)\(description.parameters.isEmpty ? "" : " [parameters]")\n"
    if let summary = description.summary { text += "\n\(summary)\n" }
    if description.parameters.isEmpty { return text + "\nThe script takes no parameters.\n" }
    let rows = description.parameters.map { parameter in
      [
        [parameter.flag, parameter.type.placeholder].filter { !$0.isEmpty }.joined(separator: " "), note(of: parameter),
      ]
    }
    let width = rows.map(\.[0].count).max() ?? 0
    text += "\nparameters:\n"
    for row in rows {
      let padding = String(repeating: " ", count: width - row[0].count + 2)
      text += "  \(row[0])\(row[1].isEmpty ? "" : padding + row[1])\n"
    }
    return text
  }

  private func note(of parameter: ParameterDeclaration) -> String {
    var notes: [String] = []
    if parameter.isRequired { notes.append("required") }
    if let text = parameter.defaultText, !text.isEmpty { notes.append("default \(text)") }
    if !parameter.words.isEmpty { notes.append("one of \(parameter.words.joined(separator: ", "))") }
    let note = notes.isEmpty ? "" : "(\(notes.joined(separator: "; ")))"
    return [parameter.help, note].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
  }
}
