/// A pattern as shells have it: `*` for any text, `?` for one character, everything else for itself.
struct Glob: Sendable {
  private let pattern: [Character]

  init(_ pattern: String) { self.pattern = Array(pattern) }

  /// The longest text that every match holds; nil when there is none.
  var longestText: String? {
    pattern.split { $0 == "*" || $0 == "?" }.max { $0.count < $1.count }.map { String($0) }
  }

  /// - Complexity: O(text × pattern) at worst: a failed `*` is tried again one character further, never nested.
  func matches(_ text: String) -> Bool {
    let text = Array(text)
    var position = 0
    var next = 0
    var star: (pattern: Int, text: Int)?
    while position < text.count {
      if next < pattern.count, pattern[next] == "*" {
        star = (next, position)
        next += 1
      } else if next < pattern.count, pattern[next] == "?" || pattern[next] == text[position] {
        position += 1
        next += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        position = last.text + 1
        next = last.pattern + 1
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == "*" }
  }
}
