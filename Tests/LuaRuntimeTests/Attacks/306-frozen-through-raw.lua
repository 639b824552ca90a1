-- expect: ok
-- nothing hands out the table behind a read-only one
for _, t in ipairs { string, table, math, apig } do
  assert(not pcall(rawset, t, 'x', 1) and not pcall(table.insert, t, 1))
  assert(not pcall(setmetatable, t, {}) and getmetatable(t) == false)
  assert(not pcall(table.move, { 1 }, 1, 1, 1, t))
  for k, v in next, t do assert(rawget(t, k) == v) end
  for k in pairs(t) do assert(not pcall(function() t[k] = nil end)) end
end
assert(('x'):rep(2) == 'xx' and math.max(1, 2) == 2)
