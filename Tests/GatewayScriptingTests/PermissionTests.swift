import GatewayAPI
import GatewayScripting
import LuaRuntime
import Testing

@Suite struct PermissionTests {
  @Test(arguments: [
    "read", "export", "publish:RELEASE", "offline:*", "switch:TEST", "http:https://api.example.com",
    "http:http://127.0.0.1:8080", "http:*", "file.read:specs", "file.write:/tmp/out", "secret:token", "environ:CI",
  ])
  func textIsReadAndWrittenAlike(_ text: String) throws {
    #expect(try Permission(text).description == text)
  }

  /// The variable that holds the value has one name for all of them.
  @Test(arguments: ["secret:DEPLOY_KEY", "secret:deploy-key", "secret:Deploy-Key"])
  func spellingsOfASecretAreOne(_ text: String) throws {
    #expect(try Permission(text) == Permission(.secret, "deploy_key"))
  }

  @Test func originsAreComparedInOneForm() throws {
    #expect(try Permission("http:HTTPS://API.example.com:443/").description == "http:https://api.example.com")
  }

  @Test(arguments: [
    ("htp:https://x", "did you mean 'http'?"), ("write", "there are read"), ("publish", "write publish:ENV"),
    ("read:all", "write read"), ("http:example.com", "is no origin"), ("http:https://x/path", "http:https://x"),
    ("http:https://u:p@x", "is no origin"), ("", "there are read"),
  ])
  func wrongTextIsNamed(_ text: String, _ message: String) {
    let error = #expect(throws: PermissionError.self) { try Permission(text) }
    let text = [error?.message, error?.hint].compactMap(\.self).joined(separator: " ")
    #expect(text.contains(message), "\(text)")
  }

  @Test func aDenialCountsMore() throws {
    let permissions = Permissions(
      allowed: [try Permission("http:*"), try Permission("file.read:specs")],
      denied: [try Permission("http:https://x.example")])
    #expect(permissions.isAllowed(try Permission("http:https://y.example")))
    #expect(!permissions.isAllowed(try Permission("http:https://x.example")))
    #expect(permissions.isAllowed(try Permission("file.read:specs/a.yaml")))
    #expect(!permissions.isAllowed(try Permission("file.read:specsheet")))
    #expect(!permissions.isAllowed(try Permission("secret:A")))
  }

  @Test func pathsAreComparedByteByByte() {
    let folder = Permission(.readFile, "/data/\u{E9}")
    #expect(folder.includes(Permission(.readFile, "/data/\u{E9}/a")))
    #expect(!folder.includes(Permission(.readFile, "/data/e\u{301}/a")))
    #expect(!folder.includes(Permission(.readFile, "/data/e\u{301}")))
    // An accent that a name begins with joins the slash before it into one character.
    #expect(Permission(.readFile, "/data").includes(Permission(.readFile, "/data/\u{301}a")))
    #expect(Permission(.readFile, "/").includes(Permission(.readFile, "/data")))
    #expect(!Permission(.readFile, "/data").includes(Permission(.readFile, "/")))
  }

  @Test func deniedReadsAreRefused() async throws {
    try await ScriptHarness.with { harness in
      var harness = harness
      harness.surroundings.permissions.denied = [Permission(.export)]
      let value = try await harness(
        """
        local groups = apig.groups {}
        local _, e = pcall(apig.export, { group = "payments", env = "RELEASE" })
        return { #groups > 0, e.kind, e.message }
        """)
      #expect(value == [true, "refused", "export is denied"])
    }
  }
}
