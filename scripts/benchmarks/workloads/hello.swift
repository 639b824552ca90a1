import Foundation

// What every program pays that links Foundation.
print(ProcessInfo.processInfo.processName.isEmpty ? "" : "hello")
