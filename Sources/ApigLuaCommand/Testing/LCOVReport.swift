internal import ScriptAnalysis

/// Coverage as LCOV's tools and those of build servers read it: a tracefile (geninfo(1)).
struct LCOVReport: Sendable {
  let files: [FileCoverage]

  var text: String {
    files.map { file in
      var text = "TN:\nSF:\(file.path.withoutControlCharacters)\n"
      for line in file.lines.lines { text += "DA:\(line.number),\(line.count)\n" }
      return text + "LF:\(file.lines.lines.count)\nLH:\(file.lines.coveredCount)\nend_of_record\n"
    }.joined()
  }
}
