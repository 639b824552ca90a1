/// Where tasks run that are to run on the thread of an engine.
final class HostTasks: TaskExecutor {
  private let jobs: ThreadJobs

  init(_ jobs: ThreadJobs) { self.jobs = jobs }

  func enqueue(_ job: consuming ExecutorJob) { jobs.add(task: UnownedJob(job)) }
}
