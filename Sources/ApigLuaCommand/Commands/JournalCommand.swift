internal import ArgumentParser

/// `apig-lua journal`: what runs did.
struct JournalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal", abstract: "Lists the runs of the journal, shows what one did, or writes it out.",
    discussion: """
      The journal is $XDG_STATE_HOME/apig-lua/journal.db. Runs are kept for 90 days after their end, above 1 GiB for \
      less; those that are unfinished stay.
      """,
    subcommands: [JournalListCommand.self, JournalShowCommand.self, JournalExportCommand.self])
}
