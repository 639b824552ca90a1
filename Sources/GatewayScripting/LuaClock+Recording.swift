internal import LuaRuntime
internal import ReleaseEngine

extension LuaClock {
  /// What a recorder says that the clocks show.
  ///
  /// `os.time` knows whole seconds and `os.clock` hundredths here, so that a script which looks at them all the time
  /// leaves few entries.
  init(recording recorder: RunRecorder) {
    self.init(
      time: { branch in recorder.timeReading(branch: branch) },
      processorTime: { branch, used in
        recorder.reading(ofProcessor: true, branch: branch) { (used * 100).rounded(.down) / 100 }
      })
  }

  /// The same clocks, which show nothing in other branches than those.
  func within(_ isOwn: @escaping @Sendable (_ branch: String) -> Bool) -> LuaClock {
    LuaClock(
      time: { [time] branch in isOwn(branch) ? time(branch) : 0 },
      processorTime: { [processorTime] branch, used in isOwn(branch) ? processorTime(branch, used) : 0 })
  }
}
