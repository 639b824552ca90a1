import GatewayAPI
import Testing

@testable import PlaybookPackages

/// `package.yaml`: what it may say, and what becomes of one that says something else.
@Suite struct ManifestTests {
  private func manifest(_ text: String) throws -> PackageManifest { try PackageManifest(Array(text.utf8)) }

  @Test func everythingThatAManifestSaysIsRead() throws {
    let manifest = try manifest(
      """
      name: acme/rotate
      version: 2.1.0
      summary: Rotates the keys of every API of a group
      entry_points: { main: rotate.lua, check: lib/check.lua }
      lua: "5.4"
      apig_lua: ">=0.1"
      permissions: [read, "publish:STAGING", "secret:rotation-key"]
      files: ["*.lua", "lib/**/*.lua"]
      dependencies:
        acme/waves: { source: "git+https://git.example.com/acme/waves.git", version: "^1.2" }
        acme/probe: { source: "git@git.example.com:acme/probe@main" }
      """)
    #expect(manifest.name.description == "acme/rotate" && manifest.name.module == "acme.rotate")
    #expect(manifest.version.description == "2.1.0")
    #expect(manifest.defaultEntryPoint == "rotate.lua" && manifest.entryPoints["check"] == "lib/check.lua")
    #expect(manifest.permissions.map(\.description) == ["read", "publish:STAGING", "secret:rotation-key"])
    #expect(manifest.dependencies.map(\.name.description) == ["acme/probe", "acme/waves"])
    #expect(manifest.dependencies.map(\.range.description) == ["*", "^1.2"])
    #expect(try manifest.includes(PackagePath("lib/a/b.lua")) && !manifest.includes(PackagePath("README.md")))
    #expect(try manifest.includes(PackagePath("package.yaml")) && !manifest.includes(PackagePath("package.sig")))
  }

  @Test func withoutAListOfFilesItIsTheUsualOnes() throws {
    let manifest = try manifest("name: a/b\nversion: 1.0.0")
    for name in ["init.lua", "lib/deep/er/x.lua", "README.md", "data/regions.yaml"] {
      #expect(manifest.includes(try PackagePath(name)), "\(name)")
    }
    for name in [".hidden.lua", "lib/.git/x.lua", "key.pem", "package.sig", "x.luac"] {
      #expect(!manifest.includes(try PackagePath(name)), "\(name)")
    }
    #expect(manifest.defaultEntryPoint == nil)
  }

  @Test(arguments: [
    ("version: 1.0.0", "package.yaml", "'name' is missing"),
    ("name: a/b", "package.yaml", "'version' is missing"),
    ("", "package.yaml", "it holds nothing"),
    ("[1]", "package.yaml:1:1", "must hold names and values"),
    ("name: Acme/rotate\nversion: 1.0.0", "package.yaml:1:7", "no package's name"),
    ("name: acme\nversion: 1.0.0", "package.yaml:1:7", "no package's name"),
    ("name: a/b/c\nversion: 1.0.0", "package.yaml:1:7", "no package's name"),
    ("name: a/-b\nversion: 1.0.0", "package.yaml:1:7", "no package's name"),
    ("name: a/b\nversion: 1.0", "package.yaml:2:10", "'1.0' is no version"),
    ("name: a/b\nversion: [1]", "package.yaml:2:10", "'version' must be text"),
    ("name: a/b\nversoin: 1.0.0", "package.yaml:2:1", "has no 'versoin'"),
    ("name: a/b\nname: a/c\nversion: 1.0.0", "package.yaml:2:1", "'name' stands there more than once"),
    ("name: &x a/b\nversion: 1.0.0", "package.yaml:1:7", "anchors are not taken"),
    ("name: a/b\nversion: 1.0.0\nsummary: *x", "package.yaml:3:10", "aliases are not taken"),
    ("name: !!str a/b\nversion: 1.0.0", "package.yaml:1:7", "tags are not taken"),
    ("name: a/b\n---\nname: a/c", "package.yaml:2:1", "a second document"),
    ("name: a/b\nversion: 1.0.0\n? [a]\n: b", "package.yaml:3:3", "a name must be text"),
    ("name: 'a/b", "package.yaml:1:11", "this is no YAML"),
    ("name: a/b\nversion: 1.0.0\nsummary: {}", "package.yaml:3:10", "'summary' must be text"),
    ("name: a/b\nversion: 1.0.0\nsummary: \"a\\u202eb\"", "package.yaml:3:10", "must be one line"),
    ("name: a/b\nversion: 1.0.0\nentry_points: { main: ../x.lua }", "package.yaml:3:23", "leads elsewhere"),
    ("name: a/b\nversion: 1.0.0\nentry_points: { main: /x.lua }", "package.yaml:3:23", "absolute"),
    ("name: a/b\nversion: 1.0.0\nentry_points: { main: x.sh }", "package.yaml:3:23", "no Lua file"),
    ("name: a/b\nversion: 1.0.0\nentry_points: { \"a b\": x.lua }", "package.yaml:3:24", "no name of an entry point"),
    ("name: a/b\nversion: 1.0.0\nlua: five", "package.yaml:3:6", "no range of versions"),
    ("name: a/b\nversion: 1.0.0\npermissions: read", "package.yaml:3:14", "must be a list"),
    ("name: a/b\nversion: 1.0.0\npermissions: [root]", "package.yaml:3:15", "there is no permission 'root'"),
    ("name: a/b\nversion: 1.0.0\npermissions: [publish]", "package.yaml:3:15", "no whole permission"),
    ("name: a/b\nversion: 1.0.0\npermissions: [read, read]", "package.yaml:3:21", "more than once"),
    ("name: a/b\nversion: 1.0.0\npermissions: [\"secret:a\\eb\"]", "package.yaml:3:15", "invisible"),
    ("name: a/b\nversion: 1.0.0\nfiles: [\"../*.lua\"]", "package.yaml:3:9", "no pattern of files"),
    ("name: a/b\nversion: 1.0.0\nfiles: [\".ssh/*\"]", "package.yaml:3:9", "no pattern of files"),
    ("name: a/b\nversion: 1.0.0\ndependencies: { a/b: { source: ./x } }", "package.yaml", "needs itself"),
    ("name: a/b\nversion: 1.0.0\ndependencies: { a/c: {} }", "package.yaml:3:22", "has no source"),
    ("name: a/b\nversion: 1.0.0\ndependencies: { a/c: { source: \"http://x/y\" } }", "package.yaml:3:32", "'http:'"),
    (
      "name: a/b\nversion: 1.0.0\ndependencies: { a/c: { source: \"git+https://h/x@^1\" } }", "package.yaml:3:22",
      "names versions"
    ),
  ]) func aMistakeIsToldWithItsPlace(_ text: String, _ place: String, _ message: String) throws {
    let error = try #require(throws: PackageError.self) { try manifest(text) }
    #expect(error.kind == .malformed && error.place == place, "\(error)")
    #expect(error.message.contains(message), "\(error)")
  }

  @Test func suggestionsNameWhatWasMeant() throws {
    let error = try #require(throws: PackageError.self) { try manifest("name: a/b\nversoin: 1.0.0") }
    #expect(error.hint == "did you mean 'version'?")
  }

  @Test func aFewLinesCannotStandForMillions() throws {
    var bomb = "a0: &a0 [x]\n"
    for level in 1...40 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    let error = try #require(throws: PackageError.self) { try manifest(bomb) }
    #expect(error.message.contains("anchors are not taken"))
    let deep = String(repeating: "[", count: 60_000)
    #expect(try #require(throws: PackageError.self) { try manifest(deep) }.message.contains("nested deeper"))
    let long = "name: a/b\nversion: 1.0.0\nsummary: " + String(repeating: "x", count: 70_000)
    #expect(try #require(throws: PackageError.self) { try manifest(long) }.message.contains("larger than 64 KiB"))
    #expect(throws: PackageError.self) { try PackageManifest([0x6E, 0xFF, 0xFE]) }
  }

  @Test func aPackageForAnotherLuaOrCommandIsToldSo() throws {
    let manifest = try manifest("name: a/b\nversion: 1.0.0\nlua: \">=5.4 <5.5\"\napig_lua: ^2")
    let command = SemanticVersion(2, 3, 0)
    try manifest.requireRunnable(lua: SemanticVersion(5, 4, 4), command: command)
    let lua = try #require(throws: PackageError.self) {
      try manifest.requireRunnable(lua: SemanticVersion(5, 5, 0), command: command)
    }
    #expect(lua.message == "a/b 1.0.0 needs Lua >=5.4 <5.5, and this is Lua 5.5.0")
    #expect(throws: PackageError.self) {
      try manifest.requireRunnable(lua: SemanticVersion(5, 4, 4), command: SemanticVersion(1, 0, 0))
    }
  }

  @Test(arguments: [
    ("*.lua", "a.lua", true), ("*.lua", "lib/a.lua", false), ("**/*.lua", "a.lua", true),
    ("**/*.lua", "x/y/a.lua", true), ("lib/**", "lib/x/y", true), ("lib/**", "other/x", false),
    ("a?.lua", "ab.lua", true), ("a?.lua", "a.lua", false), ("**/x/**/*.lua", "a/x/b/c.lua", true),
    ("**", ".hidden", false), ("*", "A", true), ("a.lua", "A.lua", false),
  ]) func patternsMatchAsShellsDo(_ pattern: String, _ path: String, _ matches: Bool) throws {
    #expect(try FilePattern(pattern).matches(try PackagePath(path)) == matches)
  }

  @Test func aPatternOfManyStarsIsNoWork() throws {
    let pattern = try FilePattern(String(repeating: "**/*a*/", count: 20) + "b")
    let path = try PackagePath(String(repeating: "a/", count: 10) + "c")
    #expect(!pattern.matches(path))
  }
}
