local t = require "apig.test"

local function gateway()
  return t.gateway { group = "payments", apis = 5, published = { RELEASE = 4 }, changed = 3 }
end

local earlier = { env = "RELEASE", at = "1 hour ago", newer = "offline" }

describe("restore", function()
  local gw, before

  before_each(function()
    gw = gateway()
    before = gw:snapshot "RELEASE"
    t.run("release.lua", { group = "payments" }, gw)
    assert.is_not.same(before, gw:snapshot "RELEASE")
  end)

  it("goes back to what ran then", function()
    local run = t.run("restore.lua", earlier, gw)
    assert.equal("changed", run.outcome)
    assert.same({ switched = 2, offline = 1, inferred = 2, lost = 0 }, run.value)
    assert.same(before, gw:snapshot "RELEASE")
  end)

  it("keeps what is newer unless it is told otherwise", function()
    local run = t.run("restore.lua", { env = "RELEASE", at = "1 hour ago" }, gw)
    assert.equal(0, run.value.offline)
    assert.is_string(gw:snapshot("RELEASE")["payments-05"])
  end)

  it("goes by nothing inferred when it shall be exact", function()
    local run = t.run("restore.lua", { env = "RELEASE", at = "1 hour ago", exact = true }, gw)
    assert.equal(1, run.exit)
    assert.matches("inferred from publish times", run.text)
    assert.same({}, run.apis)
  end)

  it("brings back what is offline only when it is told to", function()
    local running = gw:snapshot("RELEASE")["payments-04"]
    gw:offline { api = "payments-04", env = "RELEASE" }
    t.run("restore.lua", { env = "RELEASE", at = "1 hour ago" }, gw)
    assert.is_nil(gw:snapshot("RELEASE")["payments-04"])
    t.run("restore.lua", { env = "RELEASE", at = "1 hour ago", gone = "publish" }, gw)
    assert.equal(running, gw:snapshot("RELEASE")["payments-04"])
  end)

  it("undoes itself when a switch is refused", function()
    gw:fault { op = "switch_version", status = 400, from = 2, times = 1 }
    local run = t.run("restore.lua", earlier, gw)
    assert.equal("rolled_back", run.outcome)
    assert.same(gw:snapshot("RELEASE", "before"), gw:snapshot "RELEASE")
  end)

  it("goes on wherever it was stopped", function()
    t.every_crash("restore.lua", earlier, function()
      local fresh = gateway()
      t.run("release.lua", { group = "payments" }, fresh)
      return fresh
    end)
  end)
end)
