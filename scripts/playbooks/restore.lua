-- Puts an environment back to the versions that it ran at a moment.
--
-- The gateway tells when each version was published and which one runs now, but nothing of the switches between. What
-- ran at the moment is therefore known where nothing was published or switched since, and inferred from the publish
-- times elsewhere; the table says which. When an API was taken offline it does not tell at all: those that are offline
-- now are named, and published again only when you say so. A snapshot (apig-lua snapshot) needs no inference.
local apig = require "apig"

apig.playbook {
  name = "restore",
  version = "1.0.0",
  summary = "Switches every API of an environment back to the version that ran at a moment.",
}

local p = apig.params {
  env = { type = "env", required = true, help = "environment to put back" },
  at = { type = "time", required = true, help = "RFC 3339, or \"2 hours ago\"" },
  group = { type = "group", help = "only this API group" },
  newer = { type = "choice", of = { "keep", "offline" }, default = "keep",
    help = "what becomes of APIs first published after the moment" },
  gone = { type = "choice", of = { "keep", "publish" }, default = "keep",
    help = "what becomes of APIs that are offline now and may have run then" },
  exact = { type = "boolean", default = false, help = "refuse to go by inference" },
}

-- One history for each API, offline or not; as many at once as the gateway allows.
local found = apig.each(apig.select { group = p.group }, { concurrency = 8 }, function(api)
  local history = apig.history { api = api, env = p.env }
  local was, how = history:effective_at(p.at, api)
  return { api = api, now = history:effective(), was = was, how = how }
end)

local back, gone, newer, lost, inferred = {}, {}, {}, {}, 0
for _, step in ipairs(found) do
  if step.was and not step.now then gone[#gone + 1] = step end
  local differs = step.was and (step.now and step.was.version_id ~= step.now.version_id
    or not step.now and p.gone == "publish")
  if differs then
    back[#back + 1] = step
    if step.how == "inferred" then inferred = inferred + 1 end
  elseif step.now and not step.was and step.how == "exact" then
    newer[#newer + 1] = step.api
  elseif step.now and not step.was then
    lost[#lost + 1] = step.api
  end
end

if #back > 0 then apig.report.table(back, { "api.name", "now.version_no", "was.version_no", "how" }) end
for _, step in ipairs(gone) do
  apig.log.warn("%s is offline now and may have run %s then: %s", step.api.name, step.was.version_no,
    p.gone == "publish" and "published again with it" or "kept offline (--gone publish brings it back)")
end
for _, api in ipairs(lost) do
  apig.log.warn("%s cannot go back: the gateway keeps 10 versions, and what ran then is gone", api.name)
end
for _, api in ipairs(newer) do
  apig.log.warn("%s was first published after that: %s", api.name, p.newer == "offline" and "taken offline" or "kept")
end

local offline = p.newer == "offline" and newer or {}
if #back == 0 and #offline == 0 then
  apig.log.info("nothing to do: as far as is known, %s runs what it ran at %s%s", p.env, p.at,
    #gone > 0 and (", but for %d that are offline now"):format(#gone) or "")
  return { switched = 0, offline = 0, inferred = 0, lost = #lost }
end
if p.exact and inferred > 0 then
  apig.exit("failed", ("%d of %d versions are inferred from publish times; nothing was changed"):format(inferred, #back))
end

apig.confirm {
  env = p.env,
  text = ("switch %d APIs of %s back, %d of them by inference, and take %d offline")
    :format(#back, p.env, inferred, #offline),
}

return apig.with_rollback(function()
  apig.each(back, { concurrency = 8 }, function(step)
    apig.switch_version { api = step.api, env = p.env, version = step.was }
  end)
  if #offline > 0 then
    apig.offline { apis = offline, env = p.env, remark = "no part of the restored release" }
  end
  return { switched = #back, offline = #offline, inferred = inferred, lost = #lost }
end)
