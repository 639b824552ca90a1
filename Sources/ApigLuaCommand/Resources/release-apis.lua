-- Publishes drafts of APIs, or takes APIs offline: `apig-lua api publish`, `apig-lua api offline`. The line above says
-- which of the two.
local apig = require "apig"

local p = apig.params {
  env = { type = "env", required = true, help = "environment that changes" },
  apis = { help = "APIs by name or ID, with commas between them" },
  group = { type = "group", help = "only this API group" },
  tag = { help = "only APIs with this tag" },
  name = { help = "only names of this form" },
  changed_in = { help = "only APIs whose drafts are not what this environment runs" },
  remark = { help = "shown in the history" },
  if_changed = { type = "boolean", default = false, help = "leaves out what runs there already" },
  only_if_same_as = { help = "publishes only what that environment runs" },
}

local apis = {}
for name in (p.apis or ""):gmatch("[^,]+") do apis[#apis + 1] = name end
if #apis == 0 then
  apis = apig.select {
    group = p.group, tag = p.tag, name = p.name, changed_in = p.changed_in,
    published_in = action == "offline" and p.env or nil,
  }
end

local done, unchanged = 0, 0
if #apis == 0 then
  apig.log.warn("there is no such API")
elseif #apis == 1 then
  local record = apig[action] {
    api = apis[1], env = p.env, remark = p.remark,
    if_changed = p.if_changed or nil, only_if_same_as = p.only_if_same_as,
  }
  if record then done = 1 else unchanged = 1 end
else
  local result = apig[action] {
    apis = apis, env = p.env, remark = p.remark,
    if_changed = p.if_changed or nil, only_if_same_as = p.only_if_same_as,
  }
  done, unchanged = #result.success, #result.unchanged
end

if done == 0 and unchanged > 0 then
  apig.log.info("nothing to do: %s runs what is in the drafts already", p.env)
end
return action == "publish" and { published = done, unchanged = unchanged } or { offline = done }
