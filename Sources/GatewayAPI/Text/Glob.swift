/// A pattern as shells have it: `*` for any text, `?` for one character, everything else for itself.
package struct Glob: Sendable, Hashable {
  private let pattern: [Character]

  package init(_ pattern: String) { self.pattern = Array(pattern) }

  /// The longest text that every match holds; nil when there is none.
  package var longestText: String? {
    pattern.split { $0 == "*" || $0 == "?" }.max { $0.count < $1.count }.map { String($0) }
  }

  /// - Complexity: O(text × pattern) at worst.
  package func matches(_ text: String) -> Bool {
    RunMatching.matches(Array(text), pattern, isAnyRun: { $0 == "*" }) { $1 == "?" || $0 == $1 }
  }
}
