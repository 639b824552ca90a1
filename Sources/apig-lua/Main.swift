import ApigLuaCommand
import LuaIsolation

@main
struct Main {
  static func main() async {
    LuaWorker.runIfAsked()
    await ApigLua.main()
  }
}
