/// "Did you mean …": the closest of some known words.
public enum Suggestion {
  /// The known word nearest to a mistyped one, or nil when none is near.
  ///
  /// - Complexity: O(candidates × length²), for lists that people type from.
  public static func closest(to word: String, in candidates: some Collection<String>) -> String? {
    let typed = Array(word.lowercased().utf8)
    guard !typed.isEmpty, typed.count <= 64 else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate.utf8.count <= 64 {
      let distance = editDistance(typed, Array(candidate.lowercased().utf8))
      // Of words equally near, the one that holds what was typed in its order: letters are left out more than mistaken.
      let isBetter =
        distance == best?.distance && Self.holds(candidate, typed)
        && !(best.map { Self.holds($0.candidate, typed) } ?? true)
      if distance < best?.distance ?? .max || isBetter { best = (candidate, distance) }
    }
    if let best, best.distance <= max(1, max(typed.count, best.candidate.utf8.count) / 3) { return best.candidate }
    // Words that were cut short or spelled out: "enviroment" for "env".
    return candidates.filter { $0.utf8.count >= 3 && typed.starts(with: $0.lowercased().utf8) }
      .max { $0.utf8.count < $1.utf8.count }
  }

  /// Whether a word has these letters in this order, among others.
  private static func holds(_ word: String, _ letters: [UInt8]) -> Bool {
    var rest = letters[...]
    for letter in word.lowercased().utf8 where letter == rest.first { rest.removeFirst() }
    return rest.isEmpty
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var distance = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { distance = min(distance, beforeLast[j - 1] + 1) }
        row.append(distance)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
