import ApigLuaCommand

@main
struct Main {
  static func main() async {
    await ApigLua.main()
  }
}
