internal import Foundation
internal import GatewayScripting

/// What `apig-lua init` writes: a project with a playbook, its tests and what editors need.
struct NewProject: Sendable {
  /// One line of what was done.
  struct Part: Sendable {
    /// As people are told of it: "release.lua".
    let name: String
    let files: [NewFile]
    /// What it is, once it is there.
    let summary: String
  }

  let parts: [Part]

  /// - Parameter folder: absolute.
  init(in folder: String) {
    func file(_ name: String, _ bytes: [UInt8]) -> NewFile {
      NewFile(path: folder + "/" + name, text: String(decoding: bytes, as: UTF8.self))
    }
    let playbook = file("release.lua", PackageResources.project_release_lua)
    let tests = file("spec/release_spec.lua", PackageResources.project_release_spec_lua)
    let types = TypeDefinitionFiles(folder: folder + "/" + TypeDefinitionFiles.projectFolder)
    parts = [
      Part(
        name: "apig.yaml", files: [file("apig.yaml", PackageResources.project_apig_yaml)],
        summary: "one gateway: local"),
      Part(
        name: "release.lua", files: [playbook],
        summary: "publishes one group, \(playbook.text.split(separator: "\n").count) lines"),
      Part(
        name: "spec/release_spec.lua", files: [tests],
        summary: "\(tests.text.ranges(of: "\n  it(").count) tests on the local gateway"),
      Part(
        name: ".luarc.json, .apig/types",
        files: [file(".luarc.json", PackageResources.project_luarc_json)] + types.newFiles,
        summary: "editor completion for apig.*"),
    ]
  }
}
