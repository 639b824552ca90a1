local E = setmetatable({}, { __tostring = function() return h.later('e') end })
print(pcall(error, E), xpcall(error, function(m) return h.now(m) end, 'x'))
local ok, e = pcall(h.fail) print(tostring(e), e.where)
error(E)
