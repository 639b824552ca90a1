import LuaRuntime

// This file is the example of the documentation, which a test compares with it.

struct NoSuchItem: Error, LuaErrorConvertible {
  let name: String
  var luaError: LuaTable {
    var table = LuaTable()
    table["kind"] = "not_found"
    table["message"] = .text("there is no item '\(name)'")
    return table
  }
}

func totalPrice(of script: String) async throws -> Int64? {
  let prices = ["apple": 3, "pear": 4]
  let shop = LuaModule(
    name: "shop",
    functions: [
      .sync("currency") { _ in ["EUR"] },
      .async("price") { call in
        let name = call[0].stringValue ?? ""
        guard let price = prices[name] else { throw NoSuchItem(name: name) }
        return [.integer(Int64(price))]
      },
    ])

  var limits = LuaLimits()
  limits.memory = 16 * 1024 * 1024
  limits.deadline = .seconds(60)
  let engine = try await LuaEngine(limits: limits, modules: [shop]) { line in
    print(line.description, terminator: "")
  }

  do {
    let results = try await engine.run(LuaChunk(name: "order.lua", source: script), arguments: ["pear"])
    return results.first?.integerValue
  } catch let error as LuaError {
    if let missing = error.underlying as? NoSuchItem { print("ask for", missing.name) }
    throw error
  }
}
