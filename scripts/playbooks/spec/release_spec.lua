local t = require "apig.test"

local group = { group = "payments" }

local function gateway()
  return t.gateway { group = "payments", apis = 8, published = { RELEASE = 6, STAGING = 6 }, changed = 4 }
end

describe("release", function()
  local gw

  before_each(function() gw = gateway() end)

  it("publishes what changed, and only that", function()
    local run = t.run("release.lua", group, gw)
    assert.equal("changed", run.outcome)
    assert.same({ published = 4 }, run.value)
    local before, now = gw:snapshot("RELEASE", "before"), gw:snapshot("RELEASE")
    assert.is_not.equal(before["payments-01"], now["payments-01"])
    assert.equal(before["payments-03"], now["payments-03"])
    assert.is_nil(before["payments-08"])
    assert.is_string(now["payments-08"])
  end)

  it("has nothing to do the second time", function()
    t.run("release.lua", group, gw)
    local run = t.run("release.lua", group, gw)
    assert.equal("unchanged", run.outcome)
    assert.same({ published = 0 }, run.value)
    assert.same(gw:snapshot("RELEASE", "before"), gw:snapshot("RELEASE"))
  end)

  it("refuses what was not tried", function()
    local params = { group = "payments", tried_in = "STAGING" }
    local refused = t.run("release.lua", params, gw)
    assert.equal(6, refused.exit)
    assert.same(gw:snapshot("RELEASE", "before"), gw:snapshot("RELEASE"))
    t.run("release.lua", { group = "payments", env = "STAGING" }, gw)
    assert.equal("changed", t.run("release.lua", params, gw).outcome)
  end)

  it("publishes once, although an answer is lost", function()
    local wanted = gateway()
    t.run("release.lua", group, wanted)
    gw:fault { op = "batch", drop = true, when = "after", times = 1 }
    assert.equal("changed", t.run("release.lua", group, gw).outcome)
    assert.same(wanted:state(), gw:state())
  end)

  it("goes on wherever it was stopped", function()
    t.every_crash("release.lua", group, gateway)
  end)
end)
