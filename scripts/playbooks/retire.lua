-- Takes a group off an environment: first what nobody calls any more, and only that.
local apig = require "apig"

apig.playbook {
  name = "retire",
  version = "1.0.0",
  summary = "Takes the APIs of a group offline that have no callers left, in two waves with probes.",
}

local p = apig.params {
  group = { type = "group", required = true, help = "API group to retire" },
  env = { type = "env", default = "RELEASE", help = "environment to take it off" },
  ticket = { type = "string", required = true, match = "^CHG%-%d+$", help = "change ticket: CHG-1234" },
  metrics = { type = "url", required = true, help = "answers {\"calls\": n} for ?api=ID" },
  probe = { type = "url", required = true, help = "URL that must stay healthy" },
  samples = { type = "integer", default = 10, min = 1, help = "probes after each wave" },
  every = { type = "duration", default = "1s", help = "time between two probes" },
}

-- An API whose callers cannot be counted counts as called.
local published = apig.select { group = p.group, published_in = p.env }
local counted = apig.each(published, { concurrency = 8 }, function(api)
  local answer = apig.http.get { url = p.metrics, query = { api = api.id }, timeout = "5s" }
  if answer.status ~= 200 then return { api = api, why = ("metrics answer HTTP %d"):format(answer.status) } end
  local calls = math.tointeger(answer:json().calls)
  if not calls then return { api = api, why = "metrics name no number of calls" } end
  return { api = api, why = calls > 0 and ("%d calls"):format(calls) or nil }
end)

local quiet, busy = {}, 0
for _, count in ipairs(counted) do
  if count.why then
    busy = busy + 1
    apig.log.warn("%s is left alone: %s", count.api.name, count.why)
  else
    quiet[#quiet + 1] = count.api
  end
end
if #quiet == 0 then
  apig.log.info("nothing to do: %s runs no API of %s without callers", p.env, p.group)
  return { offline = 0, skipped = busy }
end

apig.confirm {
  env = p.env,
  text = ("take %d APIs of %s off %s (%s)"):format(#quiet, p.group, p.env, p.ticket),
}

return apig.with_rollback(function()
  for wave in apig.waves(quiet, { "25%", "100%" }) do
    apig.offline { apis = wave.items, env = p.env, remark = "retired, " .. p.ticket }
    apig.wait { reason = "propagation" }
    apig.health.http { url = p.probe, samples = p.samples, every = p.every, max_failures = 0 }
  end
  return { offline = #quiet, skipped = busy }
end)
