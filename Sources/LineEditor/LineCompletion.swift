/// What the tabulator key does to a line.
public struct LineCompletion: Sendable, Hashable {
  /// How many characters before the cursor are replaced.
  public var replaced: Int
  public var insertion: String
  /// What is shown below the line; empty for nothing.
  public var listing: String

  public init(replaced: Int = 0, insertion: String = "", listing: String = "") {
    self.replaced = replaced
    self.insertion = insertion
    self.listing = listing
  }
}
