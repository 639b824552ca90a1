-- Makes another kept version of one API the one in effect: `apig-lua api switch API`.
local apig = require "apig"

local p = apig.params {
  api = { type = "api", required = true, help = "API to switch" },
  env = { type = "env", required = true, help = "environment whose version changes" },
  version = { type = "version", required = true, help = "number, ID, or -1 for the one before" },
}

local steps = math.tointeger(tonumber(p.version))
local history = apig.history { api = p.api, env = p.env }
local now = history:effective()
local wanted = history:find(p.version)
if now and wanted and now.version_id == wanted.version_id then
  apig.log.info("nothing to do: %s runs %s of %s already", p.env, now.version_no, p.api)
  return { switched = 0 }
end

apig.switch_version {
  api = p.api,
  env = p.env,
  version = steps and steps < 0 and steps or wanted or p.version,
}
return { switched = 1 }
