-- Publishes every API of a group whose current definition differs from what an environment runs.
local apig = require "apig"

apig.playbook {
  name = "release",
  version = "1.1.0",
  summary = "Publishes the APIs of a group whose definition changed since an environment last got them.",
}

local p = apig.params {
  group = { type = "group", required = true, help = "API group to release" },
  env = { type = "env", default = "RELEASE", help = "environment to publish into" },
  remark = { type = "string", max = 255, default = "release", help = "shown in the history" },
  tried_in = { type = "string", help = "publish only what this environment runs; refuse the release otherwise" },
}

local changed = apig.select { group = p.group, changed_in = p.env }
if #changed == 0 then
  apig.log.info("nothing to do: %s runs the current definition of every API of %s", p.env, p.group)
  return { published = 0 }
end

local done = apig.publish { apis = changed, env = p.env, remark = p.remark, only_if_same_as = p.tried_in }
return { published = #done.success }
