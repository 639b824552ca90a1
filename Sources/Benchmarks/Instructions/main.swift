import Glibc

// Fixed work without sockets or files, for counting instructions; see scripts/benchmark --instructions.
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 2, let workload = Workload(rawValue: arguments[0]), let count = Int(arguments[1]) else {
  print("usage: instruction-workloads \(Workload.allCases.map(\.rawValue).joined(separator: "|")) COUNT")
  exit(EX_USAGE)
}
do {
  try await workload.run(count)
} catch {
  print("instruction-workloads: \(workload.rawValue): \(error)")
  exit(EX_SOFTWARE)
}
