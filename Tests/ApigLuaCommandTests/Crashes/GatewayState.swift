import GatewayTestSupport

/// How a gateway stands: per API and environment how many versions there are, and the place of the one in effect from
/// the oldest; names and numbers of versions, which differ from run to run, left out.
enum GatewayState {
  static let script = """
    local lines = {}
    for _, env in ipairs { "RELEASE", "STAGING" } do
      for _, api in ipairs(apig.apis {}) do
        local history = apig.history { api = api, env = env }
        local place = 0
        for i, version in ipairs(history) do
          if version.status == 1 then place = #history - i + 1 end
        end
        lines[#lines + 1] = ("%s in %s: %d of %d"):format(api.name, env, place, #history)
      end
    end
    table.sort(lines)
    return table.concat(lines, "; ")
    """

  static func read(_ command: Command) async throws -> String {
    let result = try await command("-q", "-e", script)
    guard result.status == 0 else { throw Unreadable(messages: result.messages) }
    return result.output
  }

  struct Unreadable: Error { let messages: String }
}
