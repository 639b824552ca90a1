-- Calls all six operations with the IDs of the reference's examples and returns every documented field.
local api = "5f918d104dc84480a75166ba99efff21"
local env = "DEFAULT_ENVIRONMENT_RELEASE_ID"

-- Every documented field is readable: one that this answer lacks is nil, any other name would raise.
local function fields(record, names)
  local result = {}
  for _, name in ipairs(names) do result[name] = record[name] end
  return result
end

local publication = { "publish_id", "api_id", "api_name", "env_id", "remark", "publish_time", "version_id" }
local version = { "version_id", "version_no", "api_id", "env_id", "env_name", "remark", "publish_time", "status" }
local failure = { "api_id", "api_name", "error_code", "error_msg" }

local batch = apig.batch {
  action = "online",
  apis = { "3a955b791bd24b1c9cd94c745f8d1aad", "abd9c4b2ff974888b0ba79be7e6b2762" },
  env_id = env,
  remark = "Publish to the production environment",
}
local history = apig.history { api_id = api, env_id = env, limit = 20, offset = 0 }

return {
  publish = fields(apig.publish { api_id = api, env_id = env }, publication),
  offline = fields(apig.offline { api_id = api, env_id = env, remark = "retired" }, publication),
  success = fields(batch.success[1], publication),
  failure = fields(batch.failure[1], failure),
  switch_version = fields(
    apig.switch_version { api_id = api, version_id = "ee1a5a38d3d3493abf1dc4ed6cacfa0b" }, publication),
  version = fields(history[1], version),
  total = history.total,
  effective = history:effective().version_no,
  export = apig.export { group_id = "c77f5e81d9cb4424bf704ef2b0ac7600", env_id = env, define = "all" },
}
