internal import ArgumentParser
internal import Foundation

/// `apig-lua init`: a project to begin with.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Makes a project: a playbook, its tests, the configuration, completion in editors.",
    discussion: """
      A file that is there already is kept as it is.
      """)

  @Argument(help: ArgumentHelp("Folder of the project; this one if none is given.", valueName: "dir"))
  var folder: String?

  func run() throws {
    try reportingErrors { process, style in
      let path = URL(filePath: folder ?? ".", relativeTo: URL(filePath: process.folder + "/")).standardizedFileURL.path
      let project = NewProject(in: path)
      var hasKept = false
      let rows = try project.parts.map { part in
        let written = try part.files.map { try $0.write() }
        guard written.contains(true) else {
          hasKept = true
          return ["kept", part.name, "is there already"]
        }
        return ["created", part.name, part.summary]
      }
      StandardStream.output.write(TextTable(columns: [], rows: rows, indent: "").bodyText)
      let enter = folder.map { "cd \($0.shellQuoted) && " } ?? ""
      var next = "  try it: \(enter)apig-lua release.lua --group payments     test it: apig-lua test\n"
      if hasKept { next += "  nothing was overwritten; apig-lua types renews the completion\n" }
      StandardStream.error.write(next)
    }
  }
}
