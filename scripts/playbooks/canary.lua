-- Releases a group in growing waves. Each wave must prove healthy before the next begins; when one does not,
-- everything goes back to what ran before.
--
-- A wave is a subset of the APIs: the gateway cannot send a share of the traffic to a new version.
local apig = require "apig"

apig.playbook {
  name = "canary",
  version = "1.0.0",
  summary = "Releases a group in waves, probes after each, and undoes all of it when a probe fails.",
}

local p = apig.params {
  group = { type = "group", required = true, help = "API group to release" },
  env = { type = "env", default = "RELEASE", help = "environment to publish into" },
  probe = { type = "url", required = true, help = "URL that must stay healthy" },
  waves = { type = "list", default = { 1, "10%", "50%", "100%" }, help = "counts or shares of the whole, growing" },
  samples = { type = "integer", default = 30, min = 1, help = "probes after each wave" },
  every = { type = "duration", default = "2s", help = "time between two probes" },
  max_failures = { type = "integer", min = 0, help = "failed probes that a wave survives; 1 unless there is only one probe" },
  p95 = { type = "duration", default = "800ms", help = "slowest answer of the fastest 95 in 100" },
  soak = { type = "duration", default = "60s", help = "pause between two waves" },
}

local max_failures = p.max_failures or math.min(1, p.samples - 1)
if max_failures >= p.samples then
  apig.exit("failed", ("--max-failures %d of --samples %d: no wave could ever fail; nothing was done")
    :format(max_failures, p.samples))
end

local changed = apig.select { group = p.group, changed_in = p.env }
if #changed == 0 then
  apig.log.info("nothing to do: %s runs the current definition of every API of %s", p.env, p.group)
  return { published = 0, waves = 0 }
end

local function prove_healthy()
  apig.health.http {
    url = p.probe,
    samples = p.samples,
    every = p.every,
    max_failures = max_failures,
    p95 = p.p95,
  }
end

-- Who is ill already cannot tell whether a release made it so.
apig.step("probe before the release", prove_healthy)

apig.confirm {
  env = p.env,
  text = ("publish %d APIs of %s to %s in waves"):format(#changed, p.group, p.env),
}

return apig.with_rollback(function()
  local waves = 0
  for wave in apig.waves(changed, p.waves) do
    apig.publish { apis = wave.items, env = p.env, remark = "canary " .. wave.label }
    apig.wait { reason = "propagation" }
    prove_healthy()
    waves = wave.index
    if not wave.last then apig.wait { time = p.soak, reason = "soak" } end
  end
  return { published = #changed, waves = waves }
end)
