internal import ArgumentParser

/// What a shell is given to complete command lines: the parser's script, which knows commands alone, and in bash what
/// makes of a script in a command's place one of `run`.
enum CompletionScript {
  /// - Returns: nil for a command line that asks for no such script, or for an unknown shell's.
  static func asked(for arguments: [String]) -> String? {
    guard arguments.count == 2, arguments[0] == "--generate-completion-script",
      let shell = CompletionShell(rawValue: arguments[1])
    else { return nil }
    let script = ApigLua.completionScript(for: shell)
    return shell == .bash ? script + bash : script
  }

  private static var bash: String {
    let commands = ApigLua.commandNames + ["help"]
    return """


      # A script, or an option of it, in a command's place: as if 'run' stood before it.
      _apig-lua_or_script() {
          if [[ "${COMP_CWORD}" -gt 1 && ' \(commands.joined(separator: " ")) ' = *" ${COMP_WORDS[1]} "* ]]; then
              _apig-lua "${@}"
              return
          fi
          [[ "${COMP_CWORD}" -gt 1 ]] || _apig-lua "${@}"
          local -ar typed=("${COMP_WORDS[@]:1}")
          local -a COMP_WORDS=("${COMP_WORDS[0]}" run "${typed[@]}")
          local COMP_LINE="${COMP_LINE/ / run }"
          local -i COMP_POINT="${COMP_POINT}+4" COMP_CWORD="${COMP_CWORD}+1"
          _apig-lua "${@}"
      }

      complete -o filenames -F _apig-lua_or_script apig-lua

      """
  }
}
