extension Collection where Self: Sendable, Element: Sendable {
  /// Transforms every element, some at a time; the results stand in the elements' order.
  ///
  /// - Parameter width: the most that go on at once; what a client allows may be less.
  /// - Throws: the first error; what is still going on is cancelled.
  package func concurrentlyMapped<Value: Sendable>(
    width: Int = 32, _ transform: @escaping @Sendable (Element) async throws -> Value
  ) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
      var rest = enumerated().makeIterator()
      for _ in 0..<Swift.max(1, width) {
        guard let (index, element) = rest.next() else { break }
        group.addTask { (index, try await transform(element)) }
      }
      var values: [Int: Value] = [:]
      while let (index, value) = try await group.next() {
        values[index] = value
        if let (index, element) = rest.next() { group.addTask { (index, try await transform(element)) } }
      }
      return (0..<values.count).compactMap { values[$0] }
    }
  }
}
