local t = require "apig.test"

describe("drift", function()
  it("finds nothing where both run the same", function()
    local gw = t.gateway { group = "payments", apis = 4, published = { STAGING = 4, RELEASE = 4 } }
    local run = t.run("drift.lua", { group = "payments", fail = true }, gw)
    assert.equal("unchanged", run.outcome)
    assert.same({ changes = 0, breaking = 0 }, run.value)
  end)

  describe("between two environments", function()
    local gw

    before_each(function()
      gw = t.gateway { group = "payments", apis = 5, published = { STAGING = 5, RELEASE = 3 } }
    end)

    it("reports each operation that one of them lacks", function()
      local run = t.run("drift.lua", { group = "payments" }, gw)
      assert.equal(2, run.value.changes)
      assert.equal(2, #run.output[1])
      assert.equal("GET /payments-04", run.output[1][1].operation)
    end)

    it("says what breaks callers", function()
      local breaking = t.run("drift.lua", { group = "payments" }, gw).value.breaking
      local back = t.run("drift.lua", { group = "payments", left = "RELEASE", right = "STAGING" }, gw).value.breaking
      assert.is_not.equal(breaking, back)
    end)

    it("ends with 2 when that is wanted", function()
      local run = t.run("drift.lua", { group = "payments", fail = true }, gw)
      assert.equal(2, run.exit)
      assert.equal("differences", run.outcome)
    end)

    it("changes nothing", function()
      local state = gw:state()
      t.run("drift.lua", { group = "payments", details = true }, gw)
      assert.same(state, gw:state())
      assert.same({}, t.plan("drift.lua", { group = "payments" }, gw).changes)
    end)
  end)
end)
