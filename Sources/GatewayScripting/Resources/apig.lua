-- The module `apig` as scripts see it, made of the host's functions.
--
-- Runs once per engine, before the script, with the host's functions and the
-- other parts of the prelude as its arguments. What needs a Lua callback (filters, retries of the script's
-- own, concurrency) is written here; everything else is the host's.

local host, parts = ...
local apig = {}

-- Fails the call with an error table, at the line of the script that made it.
local function usage(message, hint)
  host.error { kind = "usage", message = message, hint = hint, retryable = false }
end

-- Of each function that takes options and is no operation: their names, as they are declared.
local option_names = host.option_names()

-- Refuses options that a function does not have.
local function expect_options(options, name)
  local known = option_names[name]
  for key in pairs(options) do
    local found = false
    for _, word in ipairs(known) do found = found or word == key end
    if not found then
      usage(("unknown option '%s' to '%s'"):format(tostring(key), name),
        #known > 0 and "it takes " .. table.concat(known, ", ") or nil)
    end
  end
end

local function expect(kind, value, position, name)
  if type(value) ~= kind then
    usage(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, name, kind, type(value)))
  end
  return value
end

local function expect_option(kind, options, option, name)
  local value = options[option]
  if type(value) ~= kind then
    usage(("bad option '%s' to '%s' (%s expected, got %s)"):format(option, name, kind, type(value)))
  end
  return value
end

-- Records: plain tables that refuse to read a field their kind does not have.

local known_fields = {}

local function absent(class)
  return function(_, key)
    if known_fields[class][key] then return nil end
    return host.unknown_field(class, tostring(key))
  end
end

-- Planned values: in a plan, what exists only after apply. They can be shown, compared for equality and passed on; what
-- would decide by them ends the plan.

local function planned_text(value)
  if host.class_name(value) == "planned value" then return rawget(value, "text") end
  if type(value) == "string" or type(value) == "number" then return tostring(value) end
  usage(("attempt to concatenate a %s value"):format(type(value)))
end

local planned_value = {
  __tostring = planned_text,
  __concat = function(a, b) return planned_text(a) .. planned_text(b) end,
  -- One value for each ID, as with the strings that they stand for: equal ones are the same key of a table.
  __known = {},
}

for what, events in pairs {
  ["is compared: the order is known only after apply"] = { "lt", "le" },
  ["is calculated with: it is known only after apply"] = {
    "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "bnot", "shl", "shr",
  },
  ["is looked into: it is known only after apply"] = { "index", "newindex", "len", "call", "pairs" },
} do
  for _, event in ipairs(events) do
    planned_value["__" .. event] = function(a, b)
      local value = host.class_name(a) == "planned value" and a or b
      return host.cannot_know(rawget(value, "id"), what)
    end
  end
end
host.class("planned value", planned_value)

-- Lists: plain 1-based arrays with a few methods.
--
-- One that is longer than a page arrives unread: with its first page and a `cursor`, which stands for the rest. It is
-- read on where something is asked for that is not there yet.

-- How often one looks again for a page that another coroutine has and did not put in yet.
local most_looks = 1000

-- Several coroutines may want the same page; the first to come back with it puts it in.
local function read_page(list)
  local cursor = rawget(list, "cursor")
  local page = host.next_page(cursor)
  for _ = 1, most_looks do
    if page ~= nil or rawget(list, "cursor") ~= cursor then break end
    page = host.next_page(cursor)
  end
  if rawget(list, "cursor") ~= cursor then return end
  if page == nil then usage("this list cannot be read on: its cursor is not one that it was given") end
  for i, item in ipairs(page.items) do rawset(list, page.first + i - 1, item) end
  list.total, list.complete, list.cursor = page.total, page.complete, page.cursor
end

local function read_all(list)
  while rawget(list, "cursor") do read_page(list) end
  return list
end

-- What goes to the host goes by value: every list in it must be whole.
local function whole(value, within)
  if type(value) ~= "table" then return value end
  local class = host.class_name(value)
  if class then return rawget(value, "cursor") and class:find("^unread ") and read_all(value) or value end
  for _, item in next, value do
    if type(item) == "table" and not (within and within[item]) then
      within = within or {}
      within[value] = true
      whole(item, within)
      within[value] = nil
    end
  end
  return value
end

local function ids(list)
  local result = {}
  for i, item in ipairs(list) do
    result[i] = rawget(item, "id") or rawget(item, "version_id") or rawget(item, "api_id")
  end
  return result
end

local function names(list)
  local result = {}
  for i, item in ipairs(list) do
    result[i] = rawget(item, "name") or rawget(item, "instance_name") or rawget(item, "version_no")
      or rawget(item, "api_name")
  end
  return result
end

local function effective(list)
  for _, version in ipairs(list) do
    if version.status == 1 then return version end
  end
end

-- The version at a moment, and how that is known: "exact", "inferred" or "unknown".
local function effective_at(list, moment, api)
  local index, how = host.effective_at(read_all(list), moment, api)
  return index and list[index], how
end

local function find(list, wanted)
  wanted = tostring(wanted)
  for _, version in ipairs(list) do
    -- In a plan either may be a value that only its text is like.
    if tostring(version.version_no) == wanted or tostring(version.version_id) == wanted then return version end
  end
end

local function define_list(record)
  local class = "list of " .. record .. "s"
  local methods = { ids = ids, names = names }
  if record == "version" then
    methods.effective, methods.effective_at, methods.find = effective, effective_at, find
  end
  local metatable = {
    __index = function(_, key)
      if methods[key] or type(key) ~= "string" then return methods[key] end
      if key == "total" or key == "complete" or key == "cursor" then return nil end
      return host.unknown_field(class, key)
    end,
  }
  methods.filter = function(list, predicate)
    expect("function", predicate, 1, "filter")
    local result = {}
    for _, item in ipairs(list) do
      if predicate(item) then result[#result + 1] = item end
    end
    result.total, result.complete = #result, true
    return setmetatable(result, metatable)
  end
  host.class(class, metatable)
  host.class("unread " .. class, {
    __index = function(list, key)
      if math.type(key) ~= "integer" then return metatable.__index(list, key) end
      while key > 0 and rawget(list, "cursor") and rawget(list, key) == nil do read_page(list) end
      return rawget(list, key)
    end,
    __newindex = function(list, key, value) rawset(read_all(list), key, value) end,
    __len = function(list) return rawlen(read_all(list)) end,
    __pairs = function(list) return next, read_all(list), nil end,
    __unread = read_all,
  })
end

for class, fields in pairs(host.record_classes()) do
  local known = {}
  for _, field in ipairs(fields) do known[field] = true end
  known_fields[class] = known
  host.class(class, { __index = absent(class) })
  define_list(class)
end

-- Gateway operations. `apig.publish{…}` works on the run's gateway,
-- `apig.gateway("cn4"):publish{…}` on another.

-- Sorts a list by a field, or by what a function returns; numbers before texts, nothing last. Equals keep their order.
local function sort_list(list, by)
  local key = by
  if type(by) == "string" then
    key = function(item) return item[by] end
  elseif type(by) ~= "function" then
    usage(("bad option 'sort_by' to 'select' (string or function expected, got %s)"):format(type(by)))
  end
  local entries, ranks = {}, { number = 1, string = 2 }
  for i, item in ipairs(list) do
    local value = key(item)
    local rank = value == nil and 3 or ranks[type(value)] or 2
    if rank == 2 then value = tostring(value) end
    entries[i] = { item = item, place = i, rank = rank, value = value }
  end
  table.sort(entries, function(a, b)
    if a.rank ~= b.rank then return a.rank < b.rank end
    if a.value ~= b.value then return a.value < b.value end
    return a.place < b.place
  end)
  for i, entry in ipairs(entries) do list[i] = entry.item end
end

local reads = { select = true }
for _, name in ipairs(host.operations()) do reads[name] = true end

local function operations_of(gateway, has_self)
  local functions = {}
  for name in pairs(reads) do
    local call = host[name]
    functions[name] = has_self and function(_, options) return call(gateway, whole(options)) end
      or function(options) return call(gateway, whole(options)) end
  end

  local select_apis = host.select
  local function choose(options)
    if options ~= nil then expect("table", options, 1, "select") end
    local plain, own = {}, {}
    for key, value in pairs(options or {}) do
      if key == "where" or key == "match" or key == "sort_by" then own[key] = value else plain[key] = value end
    end
    local list = select_apis(gateway, plain)
    if own.match then
      expect_option("string", own, "match", "select")
      list = list:filter(function(api) return api.name:find(own.match) ~= nil end)
    end
    if own.where then list = list:filter(expect_option("function", own, "where", "select")) end
    if own.sort_by then sort_list(list, own.sort_by) end
    return list
  end

  local function effective_version(options)
    expect("table", options, 1, "effective")
    expect_options(options, "effective")
    if options.apis then
      if options.api or options.api_id then usage("'effective' takes 'api' or 'apis', not both") end
      expect_option("table", options, "apis", "effective")
      return host.each(options.apis, 8, "raise", function(api)
        return host.history(gateway, { api = api, env = options.env, env_id = options.env_id }):effective() or false
      end)
    end
    return host.history(gateway, options):effective()
  end

  functions.select = has_self and function(_, options) return choose(options) end or choose
  functions.effective = has_self and function(_, options) return effective_version(options) end or effective_version
  return functions
end

for name, call in pairs(operations_of(false, false)) do apig[name] = call end

function apig.gateway(name)
  return host.freeze(operations_of(expect("string", name, 1, "gateway"), true))
end

-- The twins that return nil and the error instead of raising it.

local function returning(call)
  return function(...)
    local results = table.pack(pcall(call, ...))
    if results[1] then return table.unpack(results, 2, results.n) end
    return nil, results[2]
  end
end

local try = {}
for name, call in pairs(apig) do
  if name ~= "gateway" then try[name] = returning(call) end
end
apig.try = host.freeze(try)

-- Concurrency.

function apig.each(list, options, f)
  if f == nil then options, f = {}, options end
  expect("table", list, 1, "each")
  expect("table", options, 2, "each")
  expect("function", f, 3, "each")
  expect_options(options, "each")
  local concurrency = options.concurrency or 8
  if math.type(concurrency) ~= "integer" or concurrency < 1 then
    usage("'concurrency' of 'each' must be a whole number of at least 1")
  end
  local on_failure = options.on_failure or "raise"
  if on_failure ~= "raise" and on_failure ~= "return" then
    usage("bad option 'on_failure' to 'each' (\"raise\" or \"return\" expected)")
  end
  return host.each(list, concurrency, on_failure, f)
end

function apig.parallel(functions)
  expect("table", functions, 1, "parallel")
  for i, f in ipairs(functions) do
    if type(f) ~= "function" then
      usage(("item %d of 'parallel' is no function (got %s)"):format(i, type(f)))
    end
  end
  return host.each(functions, math.max(1, #functions), "raise", function(f) return f() end)
end

-- What differs from `left` to `right`: two exports, two histories or two tables.
function apig.diff(left, right)
  return host.diff(whole(left), whole(right))
end

-- Undo: what a part of the script changed is put back when that part fails.

function apig.with_rollback(options, f)
  if f == nil then options, f = {}, options end
  expect("table", options, 1, "with_rollback")
  expect("function", f, 2, "with_rollback")
  expect_options(options, "with_rollback")
  local scope = host.open_scope()
  local results = table.pack(pcall(f))
  if results[1] then
    host.close_scope(scope)
    return table.unpack(results, 2, results.n)
  end
  local problem = results[2]
  local cause = problem
  if type(problem) == "table" then
    local place, message = rawget(problem, "where"), rawget(problem, "message")
    cause = type(message) == "string" and (type(place) == "string" and place .. ": " or "") .. message or nil
  end
  local undone = host.undo_scope(scope, type(cause) == "string" and cause or nil)
  if type(problem) == "table" then rawset(problem, "rolled_back", undone) end
  error(problem, 0)
end

-- Playbooks.

function apig.playbook(facts)
  expect("table", facts, 1, "playbook")
  host.playbook(facts)
end

local run = host.run_facts()
-- What a session may change is asked for each time.
setmetatable(run, { __index = function(_, key) return host.run_place(key) end })
apig.run = host.freeze(run)

function apig.params(declarations)
  local values, hidden = host.params(declarations)
  local patterns = {}
  for name, declaration in pairs(declarations) do
    local text = hidden[name] or tostring(values[name])
    if declaration.match and values[name] ~= nil and not text:find(declaration.match) then
      host.refuse_parameter(name, not hidden[name] and text or nil, declaration.match)
    end
    patterns[name] = true
  end
  run.params = host.freeze(values)
  return setmetatable(values, {
    __index = function(_, key)
      if patterns[key] then return nil end
      usage(("the playbook has no parameter '%s'"):format(tostring(key)), "declare it in apig.params")
    end,
  })
end

apig.exit = host.exit
apig.now = host.now

-- Output.

local function logger(level)
  return function(format, ...)
    local formatted, text = pcall(string.format, format, ...)
    host.log(level, formatted and text or tostring(format))
  end
end

apig.log = host.freeze {
  debug = logger "debug",
  info = logger "info",
  warn = logger "warn",
  error = logger "error",
}

local function cell(row, column)
  local value = row
  for part in column:gmatch("[^.]+") do
    if type(value) ~= "table" then return "" end
    value = value[part]
  end
  if value == nil then return "" end
  return tostring(value)
end

local function report_table(rows, columns)
  expect("table", rows, 1, "report.table")
  expect("table", columns, 2, "report.table")
  local lines = {}
  for i, row in ipairs(rows) do
    lines[i] = {}
    for j, column in ipairs(columns) do lines[i][j] = cell(row, column) end
  end
  host.report_table(columns, lines)
end

apig.report = host.freeze {
  table = report_table,
  markdown = function(text) host.report_markdown(expect("string", text, 1, "report.markdown")) end,
  value = function(value) host.report_value(whole(value)) end,
}

apig.json = host.freeze {
  encode = function(value) return host.json_encode(whole(value)) end,
  decode = host.json_decode,
}

apig.yaml = host.freeze {
  encode = function(value) return host.yaml_encode(whole(value)) end,
  decode = host.yaml_decode,
}

parts.release(host, apig, { usage = usage, expect = expect, whole = whole })

return apig
