/// Columns of text that fit the terminal: the widest give way first, and those at the end are left out at last.
///
/// A number, a time or an ID that is cut tells nothing: such columns stay whole.
struct FittedTable {
  private static let leastWidth = 12
  private static let gap = 3

  var columns: [String]
  var rows: [[String]]
  let width: Int
  var indent = "  "
  /// Ends a cell that had to be cut.
  var ellipsis = "…"

  /// As ``TextTable`` writes it.
  var text: String {
    let whole = columns.indices.map { column in
      ([columns] + rows).map { $0[column].displayWidth }.max() ?? 0
    }
    var count = columns.count
    while count > 1, total(shrunk(whole, to: count)) > width { count -= 1 }
    let widths = shrunk(whole, to: count)
    return TextTable(columns: fitted(columns, widths), rows: rows.map { fitted($0, widths) }, indent: indent).text
  }

  /// The widths of the first columns, with what text gives way of.
  private func shrunk(_ whole: [Int], to count: Int) -> [Int] {
    var widths = Array(whole.prefix(count))
    let yielding = widths.indices.filter { column in !rows.allSatisfy { $0[column].isFixed } }
    while total(widths) > width {
      guard let widest = yielding.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.leastWidth else { break }
      // Down to the second widest at once: few steps, whatever the text.
      let others = yielding.filter { $0 != widest }.map { widths[$0] }.max() ?? 0
      let excess = total(widths) - width
      widths[widest] = max(Self.leastWidth, min(widths[widest] - 1, max(others, widths[widest] - excess)))
    }
    return widths
  }

  private func total(_ widths: [Int]) -> Int {
    indent.count + widths.reduce(0, +) + Self.gap * max(0, widths.count - 1)
  }

  private func fitted(_ cells: [String], _ widths: [Int]) -> [String] {
    zip(cells, widths).map { cell, width in
      let cell = cell.withoutControlCharacters
      return cell.displayWidth <= width ? cell : cell.fitting(columns: width - ellipsis.displayWidth) + ellipsis
    }
  }
}

extension String {
  /// Whether it is a number, a time, an ID or nothing, which cannot be cut.
  fileprivate var isFixed: Bool { allSatisfy { $0.isHexDigit || "-:. ".contains($0) } }
}
