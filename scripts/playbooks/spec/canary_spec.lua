local t = require "apig.test"

local function gateway()
  return t.gateway { group = "payments", apis = 12, published = { RELEASE = 11 }, changed = 9 }
end

local function params(gw, more)
  local given = { group = "payments", probe = gw:url "/healthz", samples = 3, max_failures = 0, p95 = "30s" }
  for name, value in pairs(more or {}) do given[name] = value end
  return given
end

describe("canary", function()
  local gw

  before_each(function() gw = gateway() end)

  it("releases in waves, and soaks between them", function()
    local run = t.run("canary.lua", params(gw), gw)
    assert.equal("changed", run.outcome)
    assert.same({ published = 9, waves = 3 }, run.value)
    assert.is_true(run.seconds >= 120, "two pauses of a minute")
  end)

  it("puts everything back when the third wave is unhealthy", function()
    -- The first check is before the release.
    gw:fault { probe = 4, status = 502 }
    local run = t.run("canary.lua", params(gw), gw)
    assert.equal("rolled_back", run.outcome)
    assert.equal("health_check", run.error.kind)
    assert.equal(9, run.summary.undone)
    assert.same(gw:snapshot("RELEASE", "before"), gw:snapshot("RELEASE", "now"))
  end)

  it("does not begin where it is ill already", function()
    gw:fault { probe = true, status = 502 }
    local run = t.run("canary.lua", params(gw), gw)
    assert.equal(1, run.exit)
    assert.same({}, run.apis)
    assert.same(gw:snapshot("RELEASE", "before"), gw:snapshot("RELEASE", "now"))
  end)

  it("changes nothing when the answer is no", function()
    local run = t.run("canary.lua", params(gw), gw, { answers = false })
    assert.equal("refused", run.outcome)
    assert.same({ "publish 9 APIs of payments to RELEASE in waves" }, run.questions)
    assert.same({}, run.apis)
  end)

  it("leaves alone what someone else releases meanwhile", function()
    local has_come = false
    local run = t.run("canary.lua", params(gw), gw, {
      on_wait = function(wait)
        if has_come or wait.reason ~= "soak" then return end
        has_come = true
        gw:foreign { publish = { api = "payments-12", env = "RELEASE" } }
      end,
    })
    assert.equal("rolled_back", run.outcome)
    assert.matches("changed by someone else", run.error.message)
    local before, now = gw:snapshot("RELEASE", "before"), gw:snapshot("RELEASE", "now")
    assert.is_string(now["payments-12"])
    now["payments-12"] = nil
    assert.same(before, now)
  end)

  it("goes on wherever it was stopped", function()
    t.every_crash("canary.lua", function(at) return params(at, { samples = 1, waves = { 1, "100%" } }) end, function()
      return t.gateway { group = "payments", apis = 3, published = { RELEASE = 2 }, changed = 3 }
    end)
  end)
end)
