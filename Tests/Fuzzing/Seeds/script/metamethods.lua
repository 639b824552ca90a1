local t = setmetatable({}, { __index = function(_, k) return h.later(k) end, __newindex = function(t, k, v) rawset(t, k, h.now(v)) end,
  __pairs = function(t) return next, t end, __len = function() return 3 end, __lt = function() return h.later(true) end,
  __concat = function() return 'c' end, __close = function() h.fail_later() end, __eq = function() return true end })
t.x = 1 for k in pairs(t) do end
return t.y, #t, t < t, t .. t
