-- A session's side of the state: runs what is typed, keeps the last value as `_`, and describes values so that they can
-- cross to the host and be shown, whatever they hold.

local host = ...
local console = {}

-- Those of the script, not of preludes.
local globals = load("return _ENV")()

local most_items, most_depth, most_values = 100, 5, 4000
local whole_texts = { ["planned value"] = true, secret = true }

local function text_of(value)
  local good, text = pcall(tostring, value)
  return good and text or "(cannot be shown)"
end

-- Whether a table says itself what it looks like.
local function has_text(value, class)
  if class == "error" then return true end
  local metatable = getmetatable(value)
  return host.raw_type(metatable) == "table" and rawget(metatable, "__tostring") ~= nil
end

local describe

-- What is in a table beside its sequence; the rest of a list that was not read yet stays so.
local function describe_fields(value, count, state, depth)
  local keys, values, left = {}, {}, 0
  for key, item in next, value do
    local is_item = math.type(key) == "integer" and key >= 1 and key <= count
    if is_item then
      -- shown already
    elseif #keys < most_items and state.count < most_values then
      keys[#keys + 1] = describe(key, state, depth - 1)
      values[#values + 1] = describe(item, state, depth - 1)
    else
      left = left + 1
    end
  end
  return keys, values, left
end

function describe(value, state, depth)
  local kind = host.raw_type(value)
  if kind == "nil" or kind == "boolean" or kind == "number" or kind == "string" then return value end
  state.count = state.count + 1
  if kind ~= "table" then return { kind = "text", text = text_of(value) } end
  local class = host.class_name(value)
  if whole_texts[class] then return { kind = "text", text = text_of(value) } end
  if state.within[value] then return { kind = "text", text = "(the table itself)" } end
  local is_list = class ~= nil and class:find("list of ", 1, true) ~= nil
  local count = rawlen(value)
  if depth == 0 then
    return { kind = "text", text = (is_list or rawget(value, 1) ~= nil) and ("{ %d items }"):format(count) or "{ … }" }
  end
  state.within[value] = true
  local items = {}
  while #items < most_items and state.count < most_values do
    local item = rawget(value, #items + 1)
    if item == nil then break end
    items[#items + 1] = describe(item, state, depth - 1)
  end
  local node = { kind = "table", class = class, items = items, left = math.max(0, count - #items) }
  if has_text(value, class) then node.text = text_of(value) end
  if is_list then
    node.total, node.complete = rawget(value, "total"), rawget(value, "complete")
  else
    node.keys, node.values, node.fields_left = describe_fields(value, count, state, depth)
  end
  state.within[value] = nil
  return node
end

function console.run(chunk, ...)
  local results = table.pack(chunk(...))
  if results.n > 0 then rawset(globals, "_", results[1]) end
  local state = { count = 0, within = {} }
  for i = 1, results.n do results[i] = describe(results[i], state, most_depth) end
  return table.unpack(results, 1, results.n)
end

-- The value itself, which then has to be one that can cross.
function console.value(chunk)
  return (chunk())
end

function console.type(chunk)
  local value = chunk()
  return host.class_name(value) or math.type(value) or host.raw_type(value)
end

-- What stands behind a path from the globals: its class or type, and the names in it. No function of the script runs.
function console.names(_, ...)
  local value = globals
  for _, key in ipairs { ... } do
    if host.raw_type(value) == "string" then value = globals.string end
    if host.raw_type(value) ~= "table" then return "nil", {}, {} end
    value = rawget(value, key)
  end
  local kind = host.raw_type(value)
  if kind == "string" then value = globals.string end
  if host.raw_type(value) ~= "table" then return kind, {}, {} end
  local class = host.class_name(value)
  local names, kinds = {}, {}
  if class and class:find("list of ", 1, true) then return class, names, kinds end
  for key, item in next, value do
    if host.raw_type(key) == "string" and #names < 5000 then
      names[#names + 1] = key
      kinds[#kinds + 1] = host.raw_type(item)
    end
  end
  return class or kind, names, kinds
end

-- One global as it is, for another state to have a copy of.
function console.global(_, name) return rawget(globals, name) end

function console.set_global(_, name, value) rawset(globals, name, value) end

return console
