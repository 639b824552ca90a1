-- Publishes every API of a group whose current definition differs from what an environment runs.
local apig = require "apig"

apig.playbook {
  name = "release",
  version = "1.0.0",
  summary = "Publishes the APIs of a group whose definition changed since an environment last got them.",
}

local p = apig.params {
  group = { type = "group", required = true, help = "API group to release" },
  env = { type = "env", default = "RELEASE", help = "environment to publish into" },
  remark = { type = "string", max = 255, default = "release", help = "shown in the history" },
}

local changed = apig.select { group = p.group, changed_in = p.env }
if #changed == 0 then
  apig.log.info("nothing to do: %s runs the current definition of every API of %s", p.env, p.group)
  return { published = 0 }
end

local done = apig.publish { apis = changed, env = p.env, remark = p.remark }
return { published = #done.success }
