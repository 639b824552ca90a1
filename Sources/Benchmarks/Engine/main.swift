import Glibc

// What the engine, or plain C in its place, needs for something done many times: one line of JSON. scripts/benchmark
// runs this for both in turn.
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 2, let workload = Workload(rawValue: arguments[0]), let count = Int64(arguments[1]), count > 0
else {
  let names = Workload.allCases.map(\.rawValue).joined(separator: "|")
  print("usage: engine-benchmark \(names) COUNT")
  exit(EX_USAGE)
}
do {
  print(try await workload.measure(count).json)
} catch {
  print("engine-benchmark: \(workload.rawValue): \(error)")
  exit(EX_SOFTWARE)
}
