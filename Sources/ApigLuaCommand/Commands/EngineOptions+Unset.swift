internal import ArgumentParser

extension EngineOptions {
  /// The options of a command line that has none.
  static var unset: EngineOptions {
    var options = EngineOptions()
    options.profile = nil
    options.tokenStdin = false
    options.gateway = nil
    options.env = nil
    options.output = nil
    options.report = []
    options.timeout = nil
    options.concurrency = nil
    options.rate = nil
    options.retries = nil
    options.noJoin = false
    options.yes = false
    options.noInput = false
    options.allow = []
    options.deny = []
    options.onInterrupt = nil
    options.lockTimeout = nil
    options.only = []
    options.skip = []
    options.onlyFailedOf = nil
    options.deadline = nil
    options.maxMemory = nil
    options.maxCpu = nil
    options.maxCalls = nil
    options.isolate = false
    options.trustUnsigned = false
    options.locked = false
    options.color = nil
    options.quiet = false
    options.verbose = 0
    options.logFile = nil
    options.record = nil
    options.replay = nil
    return options
  }
}
