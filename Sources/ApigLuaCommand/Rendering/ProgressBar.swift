/// How much of something is done: `███████░░░  18/36`.
struct ProgressBar: Sendable {
  let done: Int
  let total: Int

  func line(width: Int, style: Style) -> RegionLine {
    let filled = total > 0 ? min(width, max(0, done) * width / total) : 0
    var line = RegionLine("    ")
    line.append(String(repeating: style.hasUnicode ? "█" : "#", count: filled), .changedWell)
    line.append(String(repeating: style.hasUnicode ? "░" : ".", count: width - filled), .faint)
    line.append("  \(done)/\(total)")
    return line
  }
}
