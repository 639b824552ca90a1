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
}
