-- Goes back to the versions that a snapshot names: `apig-lua api switch --from FILE`. The line above holds the snapshot.
local apig = require "apig"

local p = apig.params {
  from = { type = "file", help = "where the snapshot was read" },
  skip_missing = { type = "boolean", default = false, help = "goes on where versions are gone" },
}

local snapshot = apig.json.decode(document)
local env = snapshot.env

-- What it takes for each API of the snapshot: nothing, a switch, or more than the gateway can give.
local steps = apig.each(snapshot.apis, { concurrency = 8 }, function(api)
  local history, problem = apig.try.history { api_id = api.api_id, env_id = env.id }
  if not history then
    if problem.kind ~= "not_found" then error(problem) end
    return { api = api, missing = "the API no longer exists" }
  end
  local now, wanted = history:effective(), history:find(api.version_id)
  if not wanted then return { api = api, now = now, missing = "the gateway no longer keeps the version" } end
  return { api = api, now = now, wanted = wanted, differs = not now or now.version_id ~= wanted.version_id }
end)

local back, missing, rows = {}, {}, {}
for _, step in ipairs(steps) do
  local list = step.missing and missing or step.differs and back
  if list then
    list[#list + 1] = step
    rows[#rows + 1] = {
      api = step.api.name or step.api.api_id,
      now = step.now and step.now.version_no or "-",
      back_to = step.api.version_no or step.api.version_id,
      note = step.missing or "",
    }
  end
end
if #rows > 0 then apig.report.table(rows, { "api", "now", "back_to", "note" }) end

local known = {}
for _, api in ipairs(snapshot.apis) do known[api.api_id] = true end
local newer = apig.select { published_in = { env_id = env.id }, group = snapshot.group }
  :filter(function(api) return not known[api.id] end)
for _, api in ipairs(newer) do
  apig.log.warn("%s is published to %s since the snapshot: left alone", api.name, env.name)
end

if #missing > 0 and not p.skip_missing then
  apig.exit("failed", ("%d of %d APIs cannot go back, so nothing was switched; --skip-missing switches the others")
    :format(#missing, #snapshot.apis))
end
if #back == 0 then
  apig.log.info("nothing to do: %s runs what it ran at %s", env.name, snapshot.taken_at)
end

apig.with_rollback(function()
  apig.each(back, { concurrency = 8 }, function(step)
    apig.switch_version {
      api = { api_id = step.api.api_id, api_name = step.api.name },
      env_id = env.id,
      version_id = step.wanted.version_id,
    }
  end)
end)

if #missing > 0 then
  apig.exit("failed", ("%d APIs could not go back, see the table"):format(#missing))
end
return { switched = #back, unchanged = #snapshot.apis - #back, newer = #newer }
