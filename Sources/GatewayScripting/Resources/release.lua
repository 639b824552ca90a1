-- The release, as a part of the module: waves, waits, health checks, questions, other servers.
--
-- Gets the host's functions, the module's table and the prelude's tools.

local host, apig, tools = ...
local usage, expect, whole = tools.usage, tools.expect, tools.whole

-- Waves.

-- How many items of `total` a share reaches, and which kind of share it is.
local function reach(share, position, total)
  local count = math.tointeger(share)
  if count and type(share) == "number" and count >= 1 then return math.min(total, count), "count", count end
  local percent = type(share) == "string" and tonumber(share:match("^%s*(%d+%.?%d*)%s*%%%s*$"))
  if not percent or percent <= 0 or percent > 100 then
    usage(("share %d of 'waves' is %s"):format(position, type(share) == "string" and "'" .. share .. "'" or tostring(share)),
      "write counts of at least 1, or percentages such as \"10%\", up to \"100%\"")
  end
  -- What a binary fraction adds must not make one more of it.
  return math.ceil(total * percent / 100 - 1e-9), "percentage", percent
end

-- Where each wave ends. Shares are cumulative over the whole list; what adds nothing is dropped.
local function wave_ends(shares, total)
  local ends, reached, before = {}, 0, {}
  for position, share in ipairs(shares) do
    local stop, kind, number = reach(share, position, total)
    if before[kind] and number < before[kind] then
      usage(("share %d of 'waves' is less than one before it"):format(position), "shares are cumulative: 1, \"10%\", \"100%\"")
    end
    before[kind] = number
    if stop > reached then
      ends[#ends + 1] = stop
      reached = stop
    end
  end
  return ends
end

function apig.waves(list, shares)
  expect("table", list, 1, "waves")
  expect("table", shares, 2, "waves")
  if #shares == 0 then usage("'waves' needs shares", "such as { 1, \"10%\", \"100%\" }") end
  local items = {}
  for i = 1, #list do items[i] = list[i] end
  local ends = wave_ends(shares, #items)
  local index, current = 0, nil
  return function()
    if current then host.mark_wave("end", current.label, #current.items) end
    index = index + 1
    if index > #ends then
      current = nil
      return nil
    end
    current = {
      items = table.move(items, (ends[index - 1] or 0) + 1, ends[index], 1, {}),
      index = index, count = #ends, label = index .. "/" .. #ends, first = index == 1, last = index == #ends,
    }
    host.mark_wave("begin", current.label, #current.items, ends[index - 1] or 0, ends[#ends])
    return current
  end
end

-- Waits.

apig.wait = host.wait_for

function apig.wait_until(options, f)
  expect("table", options, 1, "wait_until")
  expect("function", f, 2, "wait_until")
  local watch = host.begin_watch(options)
  while true do
    local results = table.pack(f())
    if results[1] then return table.unpack(results, 1, results.n) end
    if watch.is_assumed then return true end
    host.next_round(watch)
  end
end

-- Health.

local function check(name, f)
  expect("string", name, 1, "health.check")
  expect("function", f, 2, "health.check")
  if host.assume_check(name) then return true end
  local results = table.pack(f())
  local reason = results[2]
  if results[1] then
    host.mark_check(name, true)
    return table.unpack(results, 1, results.n)
  end
  host.mark_check(name, false, reason ~= nil and tostring(reason) or nil, tostring(results[1]))
end

apig.health = host.freeze {
  http = function(options) return host.health_http(whole(options)) end,
  check = check,
}

-- Other servers.

host.class("http answer", {
  __index = function(answer, key)
    if key ~= "json" then return nil end
    return function()
      local decoded, value = pcall(host.json_decode, rawget(answer, "body"))
      if decoded then return value end
      host.error {
        kind = "invalid", message = ("the answer (HTTP %d) is no JSON"):format(rawget(answer, "status")),
        hint = "look at its status and body first", retryable = false,
      }
    end
  end,
})

-- In a plan, the answer to a request that changes something: its status is taken for good, and there is no more of it.
host.class("planned http answer", {
  __index = function(answer, key)
    if key ~= "headers" and key ~= "body" and key ~= "json" then return nil end
    return host.cannot_know("the answer to " .. rawget(answer, "request"), "is read: it comes only when it is sent")
  end,
})

local http = {}
for _, method in ipairs { "get", "post", "put", "delete" } do
  http[method] = function(options) return host.http_send(method, whole(options)) end
end
apig.http = host.freeze(http)

-- Secrets: lists of text and names. What they stand for never comes here.

local secret_class = {}

secret_class.__tostring = function(secret)
  local shown = {}
  for i, part in ipairs(secret) do
    shown[i] = type(part) == "table" and "‹secret " .. part.name .. "›" or part
  end
  return table.concat(shown)
end

secret_class.__concat = function(left, right)
  local parts = {}
  for _, side in ipairs { left, right } do
    if type(side) == "table" and host.class_name(side) == "secret" then
      table.move(side, 1, #side, #parts + 1, parts)
    else
      parts[#parts + 1] = tostring(side)
    end
  end
  return setmetatable(parts, secret_class)
end

host.class("secret", secret_class)

function apig.secret(name)
  host.find_secret(name)
  return setmetatable({ { name = name } }, secret_class)
end

-- Files and variables of the machine that the run is on.

apig.file = host.freeze { read = host.read_file, write = host.write_file }
apig.environ = host.find_variable

-- People, steps, names.

apig.confirm = host.confirm_with
apig.id = host.new_id

function apig.step(name, f)
  expect("string", name, 1, "step")
  expect("function", f, 2, "step")
  host.mark_step(name, "begin")
  local results = table.pack(pcall(f))
  if not results[1] then
    host.mark_step(name, "failed")
    error(results[2], 0)
  end
  host.mark_step(name, "end")
  return table.unpack(results, 2, results.n)
end

-- Goes through a table in the order of its keys, which is the same in every run.
function apig.sorted(values)
  expect("table", values, 1, "sorted")
  local keys = {}
  for key in pairs(values) do
    if type(key) ~= "string" and type(key) ~= "number" then
      usage(("'sorted' cannot order a %s as key"):format(type(key)), "keys are strings or numbers")
    end
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if type(a) ~= type(b) then return type(a) == "number" end
    return a < b
  end)
  local position = 0
  return function()
    position = position + 1
    local key = keys[position]
    if key ~= nil then return key, values[key] end
  end
end
