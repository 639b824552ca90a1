local t = require "apig.test"

local function gateway()
  return t.gateway { group = "payments", apis = 5, published = { RELEASE = 4 } }
end

local function params(gw, calls)
  return {
    group = "payments", ticket = "CHG-7", metrics = gw:url("/metrics", { calls = calls }), probe = gw:url "/healthz",
    samples = 2,
  }
end

describe("retire", function()
  local gw

  before_each(function() gw = gateway() end)

  it("takes offline what nobody calls", function()
    local run = t.run("retire.lua", params(gw, 0), gw)
    assert.equal("changed", run.outcome)
    assert.same({ offline = 4, skipped = 0 }, run.value)
    assert.is_nil(gw:snapshot("RELEASE")["payments-01"])
  end)

  it("leaves alone what is called", function()
    local run = t.run("retire.lua", params(gw, 3), gw)
    assert.same({ offline = 0, skipped = 4 }, run.value)
    assert.same(gw:snapshot("RELEASE", "before"), gw:snapshot "RELEASE")
  end)

  it("leaves alone whose callers cannot be counted", function()
    gw:fault { probe = true, path = "/metrics", status = 503, times = 1 }
    local run = t.run("retire.lua", params(gw, 0), gw)
    assert.same({ offline = 3, skipped = 1 }, run.value)
    assert.matches("metrics answer HTTP 503", run.logs[1])
  end)

  it("puts everything back when the second wave does harm", function()
    gw:fault { probe = 2, status = 502 }
    local run = t.run("retire.lua", params(gw, 0), gw)
    assert.equal("rolled_back", run.outcome)
    assert.same(gw:snapshot("RELEASE", "before"), gw:snapshot "RELEASE")
  end)

  it("wants a ticket", function()
    local given = params(gw, 0)
    given.ticket = "later"
    assert.equal(64, t.run("retire.lua", given, gw).exit)
  end)

  it("goes on wherever it was stopped", function()
    t.every_crash("retire.lua", function(at) return params(at, 0) end, gateway)
  end)
end)
