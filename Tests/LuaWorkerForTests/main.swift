import Glibc
import LuaIsolation

// A worker as programs have it, and some that no program should have.
LuaWorker.runIfAsked()
let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "try": tryWhatIsForbidden()
case "say": say(Array(arguments.dropFirst()))
default: exit(EX_USAGE)
}
