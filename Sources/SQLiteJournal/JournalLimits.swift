/// How much a journal keeps. Runs that are neither finished nor rolled back stay whatever their age and size.
public struct JournalLimits: Sendable, Hashable {
  /// How long runs are kept after their end; 90 days.
  public var age: Duration
  /// Above so many bytes of file the runs that ended first go; 1 GiB.
  public var fileSize: Int
  /// The most bytes that the bodies of one run's entries may have together; 512 MiB.
  public var runSize: Int

  public init(age: Duration = .seconds(90 * 86_400), fileSize: Int = 1 << 30, runSize: Int = 512 << 20) {
    self.age = age
    self.fileSize = fileSize
    self.runSize = runSize
  }
}
