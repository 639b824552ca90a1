-- The module `apig.test`, and busted's vocabulary for the specs that use it.
--
-- Runs once per spec file, behind `apig`, with the host's functions as its argument. Gateways, runs and the clock are
-- the host's; tests, assertions and what they say are written here.

local host = ...
local apig = require "apig"
local t = {}

local function usage(message, hint)
  host.error { kind = "usage", message = message, hint = hint, retryable = false }
end

local function expect(kind, value, position, name)
  if type(value) ~= kind then
    usage(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, name, kind, type(value)))
  end
  return value
end

local function expect_options(options, name, known)
  for key in pairs(options) do
    local is_known = false
    for _, word in ipairs(known) do is_known = is_known or key == word end
    if not is_known then
      usage(("unknown option '%s' to '%s'"):format(tostring(key), name), "it takes " .. table.concat(known, ", "))
    end
  end
  return options
end

-- Of each function that takes options, and of faults: their names, as they are declared.
local option_names = host.option_names()

-- Values as messages show them.

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
    return type(a) < type(b)
  end)
  return keys
end

local function quoted(text)
  text = text:gsub('[%c"\\]', function(c)
    if c == "\n" then return "\\n" end
    if c == '"' or c == "\\" then return "\\" .. c end
    return ("\\%d"):format(c:byte())
  end)
  return '"' .. text .. '"'
end

local most_shown = 12

-- Never within a character.
local function beginning(text, length)
  if #text <= length then return text end
  return text:sub(1, utf8.offset(text, 0, length + 1) - 1) .. "…"
end

local function show(value, depth)
  depth = depth or 0
  if type(value) == "string" then return quoted(beginning(value, 400)) end
  if type(value) ~= "table" then return tostring(value) end
  if next(value) == nil then return "{}" end
  if depth >= 4 then return "{…}" end
  local parts, length = {}, #value
  for _, key in ipairs(sorted_keys(value)) do
    if #parts == most_shown then
      parts[#parts + 1] = "…"
      break
    end
    local text = show(value[key], depth + 1)
    if math.type(key) == "integer" and key >= 1 and key <= length then
      parts[#parts + 1] = text
    elseif type(key) == "string" and key:find("^[%a_][%w_]*$") then
      parts[#parts + 1] = key .. " = " .. text
    else
      parts[#parts + 1] = "[" .. show(key, depth + 1) .. "] = " .. text
    end
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function member(path, key)
  if type(key) == "string" and key:find("^[%a_][%w_-]*$") then return path == "" and key or path .. "." .. key end
  return path .. "[" .. show(key) .. "]"
end

-- Where two values differ: lines "path: expected X, got Y". None when they are the same.
local function differences(expected, actual, path, found, within)
  if type(expected) ~= "table" or type(actual) ~= "table" then
    if expected ~= actual and not (expected ~= expected and actual ~= actual) then
      found[#found + 1] = ("%s: expected %s, got %s"):format(path == "" and "the value" or path, show(expected),
        show(actual))
    end
    return found
  end
  if rawequal(expected, actual) or within[expected] == actual then return found end
  within[expected] = actual
  for _, key in ipairs(sorted_keys(expected)) do
    differences(expected[key], rawget(actual, key), member(path, key), found, within)
  end
  for _, key in ipairs(sorted_keys(actual)) do
    if rawget(expected, key) == nil then differences(nil, actual[key], member(path, key), found, within) end
  end
  within[expected] = nil
  return found
end

local function difference(expected, actual)
  return differences(expected, actual, "", {}, {})
end

-- Failures. What an assertion raises is a value of its own, so that a script's errors are told from it.

local failure = { __tostring = function(self) return self.message end, __name = "failure" }
local spec_name

-- The innermost line of the spec itself; of a module that it uses, where none of its own is on the way.
local function place()
  local level, innermost = 1, host.where(1)
  while true do
    local where = host.where(level)
    if not where then return innermost end
    if where:sub(1, #spec_name + 1) == spec_name .. ":" then return where end
    level = level + 1
  end
end

local function fail(message, lines, note)
  if note ~= nil then message = tostring(note) .. ": " .. message end
  error(setmetatable({ status = "failed", message = message, lines = lines, where = place() }, failure), 0)
end

-- What was raised, as a report has it; called where it was raised.
local function problem_of(raised)
  if getmetatable(raised) == failure then return raised end
  local where, message = place(), nil
  if type(raised) == "string" then
    local position, rest = raised:match("^(%S+:%d+): (.*)$")
    message = rest or raised
    if position and position:sub(1, #spec_name + 1) == spec_name .. ":" then where = position
    elseif position then message = raised end
  elseif type(raised) == "table" then
    local own = rawget(raised, "message")
    message = type(own) == "string" and own or getmetatable(raised) ~= nil and tostring(raised) or show(raised)
    if rawget(raised, "hint") then message = message .. " (" .. tostring(rawget(raised, "hint")) .. ")" end
  else
    message = ("raised %s"):format(show(raised))
  end
  return { status = "error", message = message, where = where }
end

-- Assertions: assert.equal, assert.is_not.same, assert.are_equal: words without a meaning of their own are left out.

local assertions = {}
local fillers = { is = true, are = true, was = true, were = true, has = true, have = true, be = true, to = true,
  a = true, an = true, the = true }
local negations = { ["not"] = true, no = true }

local function compare(expected, actual)
  return expected == actual, ("expected %s, got %s"):format(show(expected), show(actual)),
    ("expected something other than %s"):format(show(expected))
end

local function check_arguments(name, count, least)
  if count < least then usage(("'assert.%s' needs %d argument%s"):format(name, least, least == 1 and "" or "s")) end
end

function assertions.equal(_, expected, actual, note)
  local holds, message, denial = compare(expected, actual)
  local lines
  if type(expected) == "table" and type(actual) == "table" and not holds then
    local found = difference(expected, actual)
    message = "expected the very same table"
    lines = #found > 0 and found or { "the two hold the same: assert.same compares what tables hold" }
  end
  return holds, message, denial, note, lines
end

function assertions.same(_, expected, actual, note)
  local found = difference(expected, actual)
  local lines, message = {}, nil
  if type(expected) == "table" and type(actual) == "table" then
    message = ("not the same, in %d place%s"):format(#found, #found == 1 and "" or "s")
    for i = 1, math.min(#found, most_shown) do lines[i] = found[i] end
    if #found > most_shown then lines[#lines + 1] = ("… and %d more"):format(#found - most_shown) end
  else
    message = ("expected %s, got %s"):format(show(expected), show(actual))
  end
  return #found == 0, message, ("expected something other than %s"):format(show(expected)), note, lines
end

local function one(holds, word)
  return function(_, value, note)
    return holds(value), ("expected %s, got %s"):format(word, show(value)), ("expected it not to be %s"):format(word), note
  end
end

assertions["true"] = one(function(value) return value == true end, "true")
assertions["false"] = one(function(value) return value == false end, "false")
assertions["nil"] = one(function(value) return value == nil end, "nil")
assertions.truthy = one(function(value) return value ~= nil and value ~= false end, "a value that counts as true")
assertions.falsy = one(function(value) return value == nil or value == false end, "nil or false")
for _, kind in ipairs { "string", "number", "table", "boolean", "function", "thread", "userdata" } do
  assertions[kind] = one(function(value) return type(value) == kind end, "a " .. kind)
end

function assertions.near(_, expected, actual, tolerance, note)
  local are_numbers = type(expected) == "number" and type(actual) == "number" and type(tolerance) == "number"
  if not are_numbers then usage("'assert.near' needs three numbers: expected, actual, tolerance") end
  local bounds = ("%s ± %s"):format(show(expected), show(tolerance))
  return math.abs(expected - actual) <= tolerance, ("expected %s, got %s"):format(bounds, show(actual)),
    ("expected a number outside %s, got %s"):format(bounds, show(actual)), note
end

function assertions.matches(_, pattern, actual, note)
  expect("string", pattern, 1, "assert.matches")
  local holds = type(actual) == "string" and actual:find(pattern) ~= nil
  return holds, ("expected a text like %s, got %s"):format(quoted(pattern), show(actual)),
    ("expected no text like %s, got %s"):format(quoted(pattern), show(actual)), note
end

-- The text of an error without the place that `error` puts before it.
local function text_of(raised)
  if type(raised) == "string" then return (raised:gsub("^%S+:%d+: ", "", 1)) end
  return tostring(raised)
end

local function raises(f, name)
  expect("function", f, 1, "assert." .. name)
  local returned, raised = pcall(f)
  return not returned, raised
end

function assertions.error(count, f, expected, note)
  local has_raised, raised = raises(f, "error")
  local denial = has_raised and ("expected no error, got %s"):format(quoted(text_of(raised)))
    or "expected no error"
  if not has_raised then return false, "expected an error, and there was none", denial, note end
  if count < 2 or expected == nil then return true, "", denial, note end
  if type(expected) == "table" and type(raised) == "table" then
    -- Of an error's fields those count that are named.
    local lines = {}
    for _, key in ipairs(sorted_keys(expected)) do
      local found = differences(expected[key], rawget(raised, key), member("", key), {}, {})
      for _, line in ipairs(found) do lines[#lines + 1] = line end
    end
    return #lines == 0, "another error: " .. text_of(raised), denial, note, lines
  end
  local actual = type(expected) == "string" and text_of(raised) or raised
  return expected == actual, ("expected the error %s, got %s"):format(show(expected), show(actual)), denial, note
end

function assertions.error_matches(_, f, pattern, note)
  expect("string", pattern, 2, "assert.error_matches")
  local has_raised, raised = raises(f, "error_matches")
  local text = has_raised and text_of(raised) or nil
  return has_raised and text:find(pattern) ~= nil,
    has_raised and ("expected an error like %s, got %s"):format(quoted(pattern), quoted(text))
      or ("expected an error like %s, and there was none"):format(quoted(pattern)),
    ("expected no error like %s"):format(quoted(pattern)), note
end

local least = { equal = 2, same = 2, near = 3, matches = 2, error = 1, error_matches = 2 }
local synonyms = { equals = "equal", errors = "error", match = "matches", truly = "truthy", falsey = "falsy",
  ["error_match"] = "error_matches" }

local function assertion(words, is_negated)
  local own = {}
  for _, word in ipairs(words) do
    if negations[word] then is_negated = not is_negated
    elseif not fillers[word] then own[#own + 1] = word end
  end
  local name = table.concat(own, "_"):lower()
  return synonyms[name] or name, is_negated
end

local chain

local function carry_out(name, is_negated, ...)
  local count = select("#", ...)
  check_arguments(name, count, least[name] or 1)
  local holds, message, denial, note, lines = assertions[name](count, ...)
  if is_negated then holds, message, lines = not holds, denial, nil end
  if not holds then fail(message, lines, note) end
  return ...
end

function chain(words, is_negated)
  return setmetatable({}, {
    __index = function(_, key)
      expect("string", key, 1, "assert")
      local all = { table.unpack(words) }
      for word in key:gmatch("[^_]+") do all[#all + 1] = word end
      local name = assertion(all, false)
      if name ~= "" and assertions[name] == nil then
        local known = {}
        for word in pairs(assertions) do known[#known + 1] = word end
        table.sort(known)
        usage(("there is no assertion '%s'"):format(key), "there are " .. table.concat(known, ", "))
      end
      return chain(all, is_negated)
    end,
    __call = function(_, ...)
      local name, negated = assertion(words, is_negated)
      if name ~= "" then return carry_out(name, negated, ...) end
      local value, message = ...
      if value then return ... end
      -- As in Lua itself, an error stays what it is.
      if message ~= nil and type(message) ~= "string" then error(message, 0) end
      fail(message or "assertion failed")
    end,
    __newindex = function() usage("'assert' takes no assertions of a script's own") end,
  })
end

t.assert = chain({}, false)

-- Blocks and tests.

local function new_block(name, parent)
  return { name = name, parent = parent, children = {}, setup = {}, teardown = {}, before_each = {}, after_each = {} }
end

local root = new_block(nil, nil)
local current = root
-- The test that runs: what `finally` and `pending` are about.
local running

local function declare(name)
  if running then usage(("'%s' stands inside of a test"):format(name), "it belongs into a describe") end
end

local vocabulary = {}

function vocabulary.describe(name, f)
  declare("describe")
  expect("string", name, 1, "describe")
  expect("function", f, 2, "describe")
  local block = new_block(name, current)
  current.children[#current.children + 1] = block
  current = block
  f()
  current = block.parent
end

function vocabulary.it(name, f)
  declare("it")
  expect("string", name, 1, "it")
  if f ~= nil then expect("function", f, 2, "it") end
  current.children[#current.children + 1] = { name = name, parent = current, test = f or false, where = place() }
end

function vocabulary.pending(name, _)
  name = name == nil and "pending" or expect("string", name, 1, "pending")
  if running then
    error(setmetatable({ status = "pending", message = name, where = place() }, failure), 0)
  end
  current.children[#current.children + 1] = { name = name, parent = current, test = false, where = place() }
end

function vocabulary.finally(f)
  expect("function", f, 1, "finally")
  if not running then usage("'finally' stands outside of a test") end
  running.finally[#running.finally + 1] = f
end

for _, name in ipairs { "setup", "teardown", "before_each", "after_each" } do
  vocabulary[name] = function(f)
    declare(name)
    expect("function", f, 1, name)
    current[name][#current[name] + 1] = f
  end
end
vocabulary.lazy_setup, vocabulary.lazy_teardown = vocabulary.setup, vocabulary.teardown
vocabulary.strict_setup, vocabulary.strict_teardown = vocabulary.setup, vocabulary.teardown
vocabulary.context, vocabulary.insulate, vocabulary.expose =
  vocabulary.describe, vocabulary.describe, vocabulary.describe
vocabulary.spec, vocabulary.test = vocabulary.it, vocabulary.it
vocabulary.assert = t.assert

local function names_of(node)
  local names = {}
  while node do
    if node.name then table.insert(names, 1, node.name) end
    node = node.parent
  end
  return names
end

local filter

local function is_selected(node)
  if node.children then
    for _, child in ipairs(node.children) do
      if is_selected(child) then return true end
    end
    return false
  end
  return filter == nil or table.concat(names_of(node), " "):lower():find(filter:lower(), 1, true) ~= nil
end

local function attempt(f)
  local succeeded, problem = xpcall(f, problem_of)
  if not succeeded then return problem end
end

local function report(node, problem, seconds, name)
  local names = names_of(node)
  if name then names[#names + 1] = name end
  problem = problem or { status = "passed" }
  host.report {
    names = names, status = problem.status, message = problem.message, lines = problem.lines,
    where = problem.where or node.where, seconds = seconds,
  }
end

-- In the order that they are declared in, the outer blocks' first; or the other way round.
local function each_of(block, kind, is_inner_first, f)
  local blocks = {}
  while block do
    table.insert(blocks, is_inner_first and #blocks + 1 or 1, block)
    block = block.parent
  end
  for _, one_block in ipairs(blocks) do
    for _, call in ipairs(one_block[kind]) do f(call) end
  end
end

local function run_test(node)
  if node.test == false then return report(node, { status = "pending", message = "no test yet" }, 0) end
  local mark, began = host.mark(), host.seconds()
  running = { finally = {} }
  local problem = attempt(function() each_of(node.parent, "before_each", false, function(f) f() end) end)
  if not problem then problem = attempt(node.test) end
  for i = #running.finally, 1, -1 do
    local again = attempt(running.finally[i])
    problem = problem or again
  end
  each_of(node.parent, "after_each", true, function(f)
    local again = attempt(f)
    problem = problem or again
  end)
  local leftover = attempt(function() host.close(mark) end)
  problem = problem or leftover
  running = nil
  report(node, problem, host.seconds() - began)
end

local function fail_all(block, problem)
  for _, child in ipairs(block.children) do
    if is_selected(child) then
      if child.children then fail_all(child, problem) else report(child, problem, 0) end
    end
  end
end

local function run_block(block)
  if not is_selected(block) then return end
  local mark, problem = host.mark(), nil
  for _, f in ipairs(block.setup) do problem = problem or attempt(f) end
  if problem then
    problem.message = "setup: " .. problem.message
    fail_all(block, problem)
  else
    for _, child in ipairs(block.children) do
      if child.children then run_block(child) elseif is_selected(child) then run_test(child) end
    end
  end
  for _, f in ipairs(block.teardown) do
    local failed = attempt(f)
    if failed then report(block, failed, 0, "teardown") end
  end
  host.close(mark)
end

local function has_test(block)
  for _, child in ipairs(block.children) do
    if not child.children or has_test(child) then return true end
  end
  return false
end

-- Reads a spec and runs its tests; for the runner alone, which calls it once with the spec's globals.
function t.main(globals, source, name, wanted)
  t.main = nil
  spec_name, filter = name, wanted
  for word, value in pairs(vocabulary) do globals[word] = value end
  local chunk, message = load(source, "=" .. name, "t", globals)
  local problem
  if chunk then
    problem = attempt(chunk)
  else
    local position, rest = message:match("^(%S+:%d+): (.*)$")
    problem = { status = "error", message = rest or message, where = position }
  end
  if not problem and not has_test(root) then
    problem = { message = "it holds no test (it(\"does something\", function() … end) is one)", where = name }
  end
  if problem then
    problem.status = "error"
    return report(root, problem, 0, "the file itself")
  end
  run_block(root)
end

-- Gateways.

local gateways = {}

-- A list's items as one text, a record by its name: what a command line would have.
local function parameter_text(value, name)
  if type(value) == "table" then
    if rawget(value, "name") then return tostring(value.name) end
    local parts = {}
    for i, item in ipairs(value) do parts[i] = parameter_text(item, name) end
    return table.concat(parts, ",")
  end
  if type(value) == "string" or type(value) == "number" or type(value) == "boolean" then return tostring(value) end
  usage(("the parameter '%s' cannot be a %s"):format(tostring(name), type(value)))
end

-- A fault as a table, in the words of a rule; and which health check of a run it waits for.
local function fault_rule(fault)
  expect_options(fault, "fault", option_names.fault)
  local targets = (fault.op and 1 or 0) + (fault.probe and 1 or 0) + (fault.any and 1 or 0)
  if targets ~= 1 then usage("a fault is for one of 'op', 'probe' or 'any'", 'for example { op = "publish", status = 500 }') end
  local words, check = {}, nil
  if fault.probe then
    if math.type(fault.probe) == "integer" then check = fault.probe end
    words[1] = "probe" .. (fault.path and " " .. fault.path or "") .. ":"
  else
    words[1] = (fault.any and "*" or fault.op) .. ":"
  end
  local function add(word, value)
    if value == true then words[#words + 1] = word elseif value then words[#words + 1] = word .. "=" .. tostring(value) end
  end
  if fault.throttle then
    words[#words + 1] = "429"
    add("retry-after", fault.retry_after or 1)
  elseif fault.status then
    words[#words + 1] = tostring(fault.status)
    add("retry-after", fault.retry_after)
  end
  add("drop", fault.drop)
  add("stale", fault.stale)
  add("cut", fault.cut)
  add("latency", fault.latency)
  if fault.when == "after" then words[#words + 1] = "after-apply"
  elseif fault.when ~= nil and fault.when ~= "before" then usage("'when' of a fault is \"before\" or \"after\"") end
  add("times", fault.times)
  add("from", fault.from)
  add("api", fault.api)
  add("p", fault.p)
  add("seed", fault.seed)
  add("code", fault.code)
  if fault.body then words[#words + 1] = '"body=' .. tostring(fault.body):gsub('"', "'") .. '"' end
  return table.concat(words, " "), check
end

local methods = {}

function methods.fault(gateway, fault)
  if type(fault) == "string" then return host.fault(gateway.name, fault) end
  local rule, check = fault_rule(expect("table", fault, 1, "fault"))
  host.fault(gateway.name, rule, check)
end

function methods.clear_faults(gateway) host.clear_faults(gateway.name) end

function methods.url(gateway, path, answer)
  expect("string", path, 1, "url")
  if type(answer) == "table" then answer = apig.json.encode(answer) end
  return host.url(gateway.name, path, answer)
end

function methods.snapshot(gateway, env, moment)
  moment = moment or "now"
  if moment ~= "now" and moment ~= "before" then usage("a snapshot is of \"before\" or \"now\"") end
  return host.snapshot(gateway.name, expect("string", env, 1, "snapshot"), moment)
end

function methods.state(gateway) return host.state(gateway.name) end

function methods.requests(gateway, operation) return host.requests(gateway.name, operation) end

function methods.advance(gateway, time) host.advance(gateway.name, tostring(time)) end

-- A change by someone else: gw:foreign { publish = { api = "pay-a", env = "RELEASE" } }.
function methods.foreign(gateway, changes)
  expect("table", changes, 1, "foreign")
  local result
  for _, name in ipairs(sorted_keys(changes)) do result = gateway[name](gateway, changes[name]) end
  return result
end

-- Anew where the API has a draft already: a change of a definition that nobody has published yet.
function methods.change(gateway, api)
  local draft = gateway:api { api = api }
  local definition = {}
  for _, name in ipairs { "name", "type", "version", "req_protocol", "req_method", "req_uri", "auth_type",
    "backend_type", "group_id", "match_mode", "mock_info" } do definition[name] = rawget(draft, name) end
  definition.remark = "changed at " .. tostring(host.now(gateway.name))
  -- A draft counts as newer from the next second on.
  host.advance(gateway.name, "2s")
  return gateway:update_api { api = api, definition = definition }
end

local gateway_class = {
  __index = function(gateway, key)
    if methods[key] then return methods[key] end
    local handle = apig.gateway(rawget(gateway, "name"))
    local call = handle[key]
    if not call then usage(("a gateway of a test has no '%s'"):format(tostring(key))) end
    return function(_, options) return call(handle, options) end
  end,
  __name = "gateway",
  __tostring = function(gateway) return "gateway " .. rawget(gateway, "name") end,
}

function t.gateway(options)
  options = options == nil and {} or expect("table", options, 1, "t.gateway")
  expect_options(options, "t.gateway", option_names.gateway)
  local opened = host.open_gateway(options)
  local gateway = setmetatable({ name = opened.name, origin = opened.url }, gateway_class)
  gateways[gateway] = true
  return gateway
end

local function expect_gateway(gateway, position, name)
  if not gateways[gateway] then
    usage(("bad argument #%d to '%s' (a gateway of t.gateway expected, got %s)"):format(position, name, type(gateway)))
  end
  return gateway
end

-- Runs.

-- What the host needs to know of a run.
local function request(script, params, gateway, options, name)
  expect_gateway(gateway, 3, name)
  options = expect_options(options or {}, name, option_names.run)
  if type(params) == "function" then params = params(gateway) end
  local given = {}
  for _, key in ipairs(sorted_keys(params == nil and {} or expect("table", params, 2, name))) do
    given[#given + 1] = { name = key, value = parameter_text(params[key], key) }
  end
  local request = { gateway = gateway.name, params = given }
  if type(script) == "table" then
    request.code, request.name = expect("string", script.code, 1, name), script.name
  else
    request.script = expect("string", script, 1, name)
  end
  for _, key in ipairs(option_names.run) do
    if key ~= "on_wait" then request[key] = options[key] end
  end
  if type(request.answers) == "boolean" then request.answers = { request.answers } end
  request.pauses = options.on_wait ~= nil
  return request
end

-- What a run was given, by its ID: secret parameters are in no journal, and a run that goes on needs them again.
local given_to = {}

-- Follows a run to its end. While it waits, the test may have a word.
local function conduct(wanted, gateway, on_wait)
  local token, problem = host.begin_run(wanted), nil
  while true do
    local event = host.next_event(token)
    if event.result then
      if problem then error(problem, 0) end
      event.result.gateway = gateway
      given_to[event.result.run] = wanted.params
      return event.result
    end
    if not problem then problem = attempt(function() on_wait { seconds = event.seconds, reason = event.reason } end) end
    if problem then problem = setmetatable(problem, failure) end
    host.go_on(token)
  end
end

function t.run(script, params, gateway, options)
  local wanted = request(script, params, gateway, options, "t.run")
  return conduct(wanted, gateway, options and options.on_wait)
end

local function expect_run(run, name)
  if type(run) ~= "table" or run.run == nil then
    usage(("bad argument #1 to '%s' (what t.run returned expected, got %s)"):format(name, type(run)))
  end
  return run
end

local function go_on(kind, run, options)
  local name = "t." .. kind
  expect_run(run, name)
  local known = option_names[kind]
  options = expect_options(options or {}, name, known)
  local wanted = { gateway = run.gateway.name, run = run.run, kind = kind, params = given_to[run.run] }
  for _, key in ipairs(known) do
    if key ~= "on_wait" then wanted[key] = options[key] end
  end
  if type(wanted.answers) == "boolean" then wanted.answers = { wanted.answers } end
  wanted.pauses = options.on_wait ~= nil
  return conduct(wanted, run.gateway, options.on_wait)
end

function t.resume(run, options) return go_on("resume", run, options) end

function t.rollback(run, options) return go_on("rollback", run, options) end

function t.plan(script, params, gateway, options)
  return host.plan(request(script, params, gateway, options, "t.plan"))
end

-- Stops the run behind each entry of its journal in turn, goes on with it, and wants the end that it has when nothing
-- stops it.
function t.every_crash(script, params, make_gateway, options)
  expect("function", make_gateway, 3, "t.every_crash")
  options = options or {}
  local mark = host.mark()
  local whole_gateway = make_gateway()
  local whole = t.run(script, params, whole_gateway, options)
  local wanted = whole_gateway:state()
  if #whole.journal == 0 then fail("the run keeps no journal: it changes nothing, and nothing could be lost") end
  host.close(mark)
  for n = 1, #whole.journal do
    local gateway, with_crash = make_gateway(), {}
    for key, value in pairs(options) do with_crash[key] = value end
    with_crash.crash_at = n
    local cut = t.run(script, params, gateway, with_crash)
    local title = ("stopped behind entry %d of %d (%s)"):format(n, #whole.journal, whole.journal[n].title)
    local ended = cut
    if cut.crashed then
      ended = cut.is_undoing and t.rollback(cut)
        or t.resume(cut, { answers = options.answers, secrets = options.secrets, on_wait = options.on_wait })
    end
    if not cut.is_undoing and ended.outcome ~= whole.outcome then
      local why = ended.error and ": " .. tostring(ended.error.message) or ""
      fail(("%s, it ends as %s instead of %s%s"):format(title, ended.outcome, whole.outcome, why))
    end
    local found = difference(wanted, gateway:state())
    if #found > 0 then
      local lines = {}
      for i = 1, math.min(#found, most_shown) do lines[i] = found[i] end
      fail(title .. ", the gateway ends in another state", lines)
    end
    host.close(mark)
  end
  return whole
end

return t
