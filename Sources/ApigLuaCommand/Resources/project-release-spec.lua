local t = require "apig.test"

local group = { group = "payments" }

local function gateway()
  return t.gateway { group = "payments", apis = 8, published = { RELEASE = 6 }, changed = 4 }
end

describe("release", function()
  it("publishes what changed, and only that", function()
    local gw = gateway()
    local run = t.run("release.lua", group, gw)
    assert.same({ published = 4 }, run.value)
    local before, now = gw:snapshot("RELEASE", "before"), gw:snapshot("RELEASE")
    assert.is_not.equal(before["payments-01"], now["payments-01"])
    assert.equal(before["payments-03"], now["payments-03"])
  end)

  it("changes nothing when the gateway refuses", function()
    local gw = gateway()
    gw:fault { op = "batch", status = 403 }
    local run = t.run("release.lua", group, gw)
    assert.equal("failed", run.outcome)
    assert.same(gw:snapshot("RELEASE", "before"), gw:snapshot("RELEASE"))
  end)

  it("goes on wherever it was stopped", function()
    t.every_crash("release.lua", group, gateway)
  end)
end)
