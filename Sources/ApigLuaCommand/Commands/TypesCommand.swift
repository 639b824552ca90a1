internal import ArgumentParser
internal import Foundation

/// `apig-lua types`: what editors complete, explain and check scripts by.
struct TypesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "types", abstract: "Writes definitions of apig and apig.test for lua-language-server.",
    discussion: """
      Editors that use it complete names and options, show their meaning, and mark what is
      wrong. Its settings name the folder: "workspace.library": [".apig/types"], which
      `apig-lua init` writes to .luarc.json.
      """)

  @Option(help: ArgumentHelp("Folder to write to; .apig/types of the project unless given.", valueName: "dir"))
  var out: String?

  func run() throws {
    try reportingErrors { process, style in
      let base = URL(filePath: process.folder + "/")
      let folder =
        out.map { URL(filePath: $0, relativeTo: base).standardizedFileURL.path }
        ?? ConfigurationFile.projectFolder(from: process.folder) + "/" + TypeDefinitionFiles.projectFolder
      let files = TypeDefinitionFiles(folder: folder)
      try files.write()
      for file in files.newFiles { StandardStream.output.write(file.path + "\n") }
    }
  }
}
