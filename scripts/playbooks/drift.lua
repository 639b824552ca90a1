-- Compares what two environments run of a group. Changes nothing.
local apig = require "apig"

apig.playbook {
  name = "drift",
  version = "1.0.0",
  summary = "Reports what differs between two environments, and what of it would break callers.",
}

-- Names of environments, and no defaults of the command: --env is one environment, and here are two.
local p = apig.params {
  group = { type = "group", required = true, help = "API group to compare" },
  left = { type = "string", default = "STAGING", help = "environment to compare" },
  right = { type = "string", default = "RELEASE", help = "environment to compare it with" },
  fail = { type = "boolean", default = false, help = "end with exit code 2 when they differ" },
  details = { type = "boolean", default = false, help = "say of each operation how it differs" },
}

-- A document version of our own keeps the exports comparable: the gateway's default is the clock.
local left = apig.export { group = p.group, env = p.left, version = "drift" }
local right = apig.export { group = p.group, env = p.right, version = "drift" }
local diff = apig.diff(left, right)

local rows = {}
for i, change in ipairs(diff.changes) do
  rows[i] = {
    operation = change.method and change.method .. " " .. change.path or change.path,
    api = change.api,
    change = change.kind,
    breaking = change.breaking and "BREAKING" or "",
    left = change.left_version_no or "-",
    right = change.right_version_no or "-",
  }
end
if #rows > 0 then apig.report.table(rows, { "operation", "api", "change", "breaking", "left", "right" }) end
if p.details then print(diff.text) end

if #rows == 0 then
  apig.log.info("%s and %s run the same of %s", p.left, p.right, p.group)
elseif p.fail then
  apig.exit("differences", ("%s and %s differ in %d operations of %s"):format(p.left, p.right, #rows, p.group))
end
return { changes = #rows, breaking = diff.breaking }
