-- What joins the Lua states of a run: the script's, and one for each package.
--
-- Nothing that one state holds is ever in another. Values cross as copies; a function crosses as a reference, and what
-- the other side gets for it is a function that asks the owner's state to run it.

local host = ...

-- Deepest nesting of what is handed over; the host takes a little more.
local most_depth = 28

-- Functions of this state that others may know: by number, and their numbers; how often each was sent, and came home.
local shared, numbers, sent, returned, last_number = {}, {}, {}, {}, 0
-- Functions that stand for other states' functions: by name, and their references. They live as long as the script
-- holds them; `received` says how often each came, and what is in it without a function is given back.
local stand_ins, references, received = host.weak "v", host.weak "k", {}
local new_stand_ins, most_new = 0, 64
-- What packages' modules returned, and which lives of the packages that was in.
local modules = {}

local reference_class = {}
host.class("function reference", reference_class)

local function refuse(what, hint, trail)
  local place = {}
  for _, key in ipairs(trail or {}) do place[#place + 1] = tostring(key) end
  host.error {
    kind = "usage", retryable = false, hint = hint,
    message = ("%s cannot be handed to another package%s"):format(what,
      trail and (" (in value %s)"):format(table.concat(place, ".")) or ""),
  }
end

local function reference_to(f, trail)
  if references[f] then return references[f] end
  if host.is_own(f) then
    refuse("a function of apig or of Lua itself",
      "hand over one of your own that calls it: function(...) return apig.publish(...) end", trail)
  end
  local number = numbers[f]
  if not number then
    last_number = last_number + 1
    number = last_number
    shared[number], numbers[f], sent[number], returned[number] = f, number, 0, 0
  end
  sent[number] = sent[number] + 1
  return setmetatable({ number = number }, reference_class)
end

-- Reads the lists in what the host made to their ends; it crosses as it is.
local function complete(value, trail, within)
  if #trail > most_depth then refuse("a table nested so deep", "hand over its parts one by one") end
  if within[value] then refuse("a table that contains itself", nil, trail) end
  within[value] = true
  next(value)
  for key, item in next, value do
    trail[#trail + 1] = key
    if type(item) == "table" then
      complete(item, trail, within)
    elseif type(item) == "function" then
      refuse(("a function in a %s"):format(host.class_name(value) or "record"), "hand it over beside the record", trail)
    end
    trail[#trail] = nil
  end
  within[value] = nil
end

-- A copy to send. No metamethod of the script runs; what the host made keeps its class.
local function leaving(value, trail, within)
  local kind = type(value)
  if kind == "function" then return reference_to(value, trail) end
  if kind == "thread" or kind == "userdata" then
    refuse(kind == "thread" and "a coroutine" or "a userdata", "hand over a function instead", trail)
  end
  if kind ~= "table" then return value end
  local class = host.class_name(value)
  if class and class ~= "error" then
    complete(value, trail, within)
    return value
  end
  if #trail > most_depth then refuse("a table nested so deep", "hand over its parts one by one") end
  if within[value] then refuse("a table that contains itself", nil, trail) end
  within[value] = true
  local copy = {}
  for key, item in next, value do
    trail[#trail + 1] = key
    local key_kind = type(key)
    if key_kind ~= "string" and key_kind ~= "number" and key_kind ~= "boolean" then
      refuse(("a table with a %s as key"):format(key_kind), nil, trail)
    end
    copy[key] = leaving(item, trail, within)
    trail[#trail] = nil
  end
  within[value] = nil
  if class then pcall(host.error, copy) end  -- which makes it an error object
  return copy
end

-- Of an error object crosses what can.
local function leaving_problem(problem)
  local class = host.class_name(problem)
  if type(problem) ~= "table" or class and class ~= "error" then return leaving(problem, {}, {}) end
  local copy = {}
  for key, item in next, problem do
    local can_cross, value = pcall(leaving, { [key] = item }, {}, {})
    if can_cross then copy[key] = value[key] end
  end
  if class then pcall(host.error, copy) end
  return copy
end

local call

local function function_of(reference)
  local owner, life, number = rawget(reference, "owner"), rawget(reference, "life"), rawget(reference, "number")
  if owner == nil then
    if returned[number] then returned[number] = returned[number] + 1 end
    return shared[number]
  end
  local name = owner .. "#" .. life .. "#" .. number
  received[name] = (received[name] or 0) + 1
  local stand_in = stand_ins[name]
  if not stand_in then
    -- No tail call: as long as it runs somebody holds it.
    stand_in = function(...)
      local results = table.pack(call(reference, ...))
      return table.unpack(results, 1, results.n)
    end
    stand_ins[name], references[stand_in] = stand_in, reference
    new_stand_ins = new_stand_ins + 1
  end
  return stand_in
end

-- The same value with functions where references came; it is a copy already.
local function arriving(value)
  if type(value) ~= "table" then return value end
  local class = host.class_name(value)
  if class == "function reference" then return function_of(value) end
  if class and class ~= "error" then return value end
  for key, item in next, value do
    if type(item) == "table" then rawset(value, key, arriving(item)) end
  end
  return value
end

-- Gives back the functions of others that nothing here holds any more, once there are many new ones.
local function give_back()
  if new_stand_ins < most_new then return end
  new_stand_ins = 0
  collectgarbage()
  local gone, names, alive = {}, {}, 0
  for name, count in next, received do
    if stand_ins[name] then
      alive = alive + 1
    else
      local owner, life, number = name:match("^(.*)#(%d+)#(%d+)$")
      local reference = { owner = owner, life = math.tointeger(life), number = math.tointeger(number) }
      gone[#gone + 1] = { reference = setmetatable(reference, reference_class), count = count }
      names[#names + 1] = name
    end
  end
  most_new = math.max(64, alive)
  if #gone == 0 then return end
  for i, is_over in ipairs(host.release(gone)) do
    local name, count = names[i], gone[i].count
    local left = (received[name] or 0) - count
    if is_over then received[name] = left > 0 and left or nil end
  end
end

-- Forgets the functions of this state that nobody else holds, unless one is on its way again.
local function forget(released)
  local forgotten = {}
  for _, item in ipairs(released) do
    local number, sent_then, returned_then = item[1], item[2], item[3]
    local f = shared[number]
    if f and sent[number] == sent_then and returned[number] == returned_then then
      shared[number], numbers[f], sent[number], returned[number] = nil, nil, nil, nil
      forgotten[#forgotten + 1] = number
    end
  end
  return forgotten
end

-- What the host raises is a table; a text tells why values could not be handed to it.
local function handed(f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local problem = results[2]
  if type(problem) ~= "string" then error(arriving(problem), 0) end
  refuse("a value", "hand over less of it at once, or its parts: " .. (problem:match("%((.*)%)$") or problem))
end

-- Runs what another state asks for, and sends back what that comes to.

local function perform(request, f)
  if request.module then return require(request.module) end
  if not f then host.error { kind = "usage", message = "that function is gone", retryable = false } end
  return f(table.unpack(arriving(request.arguments), 1, request.count))
end

local function send(request, results)
  local values = leaving({ table.unpack(results, 2, results.n) }, {}, {})
  handed(host.answer_call, request.id, true, values, results.n - 1)
end

-- Never raises: nobody would hear it.
local function serve(request, f)
  local results = table.pack(pcall(perform, request, f))
  local problem = results[2]
  if results[1] then
    local sent_all
    sent_all, problem = pcall(send, request, results)
    if sent_all then return pcall(give_back) end
  end
  local can_cross, copy = pcall(leaving_problem, problem)
  if can_cross and pcall(host.answer_call, request.id, false, copy) then return end
  local has_text, text = pcall(tostring, problem)
  pcall(host.answer_call, request.id, false, has_text and text or "an error object without a text")
end

local function serve_all()
  local forgotten
  while true do
    local news = host.next_call(forgotten)
    forgotten = nil
    if not news then return end
    if news.released then
      forgotten = forget(news.released)
    elseif not pcall(host.spawn, news.branch, serve, news, shared[news.number]) then
      pcall(host.answer_call, news.id, false, "no task could be started for the call")
    end
  end
end

-- Other states may call into this one only while somebody takes their calls.
local function begin_serving()
  if host.needs_server() then host.spawn("/0", serve_all) end
end

local function accept(answer)
  if answer.failed then error(arriving(answer.error), 0) end
  return table.unpack(arriving(answer.values), 1, answer.count)
end

function call(reference, ...)
  begin_serving()
  give_back()
  local arguments = table.pack(...)
  local count = arguments.n
  arguments.n = nil
  local copies = leaving(arguments, {}, {})
  return accept(handed(host.call_function, reference, copies, count, host.part(), host.can_suspend()))
end

-- A module of a package: what it returned, unless its package began anew since. Tasks side by side get the same.
host.finder(function(name)
  local life = host.package_life(name)
  if not life then return false end
  local known = modules[name]
  if known and known.life == life then return true, known.value end
  begin_serving()
  local answer = handed(host.load_module, name, host.can_suspend())
  local value = accept(answer)
  known = modules[name]
  if known and known.life == answer.life then return true, known.value end
  if value == nil then value = true end
  modules[name] = { life = answer.life, value = value }
  return true, value
end)

return {
  -- The whole life of a package's state.
  serve = function()
    if host.needs_server() then serve_all() end
  end,
}
