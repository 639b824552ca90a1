-- Publishes every API of a group whose current definition differs from what an environment runs.
local apig = require "apig"

apig.playbook { name = "release", version = "0.1.0", summary = "Publishes what changed in a group." }

local p = apig.params {
  group = { type = "group", required = true, help = "API group to release" },
  env = { type = "env", default = "RELEASE", help = "environment to publish into" },
}

local changed = apig.select { group = p.group, changed_in = p.env }
if #changed == 0 then
  apig.log.info("nothing to do: %s runs the current definition of every API of %s", p.env, p.group)
  return { published = 0 }
end

local done = apig.publish { apis = changed, env = p.env }
return { published = #done.success }
