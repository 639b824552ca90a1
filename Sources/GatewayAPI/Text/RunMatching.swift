/// Matches elements against a pattern in which some elements stand for any run of them.
package enum RunMatching {
  /// - Parameters:
  ///   - isAnyRun: whether an element of the pattern stands for any run.
  ///   - isMatch: whether an element is what one of the pattern stands for.
  /// - Complexity: O(elements × pattern) at worst: a failed run is tried again one element further, never nested.
  package static func matches<Element, Part>(
    _ elements: [Element], _ pattern: [Part], isAnyRun: (Part) -> Bool, isMatch: (Element, Part) -> Bool
  ) -> Bool {
    var position = 0
    var next = 0
    var run: (pattern: Int, element: Int)?
    while position < elements.count {
      if next < pattern.count, isAnyRun(pattern[next]) {
        run = (next, position)
        next += 1
      } else if next < pattern.count, isMatch(elements[position], pattern[next]) {
        position += 1
        next += 1
      } else if let last = run {
        run = (last.pattern, last.element + 1)
        position = last.element + 1
        next = last.pattern + 1
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy(isAnyRun)
  }
}
