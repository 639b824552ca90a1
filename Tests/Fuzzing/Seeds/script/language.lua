local V = {} V.__index = V V.__add = function(a, b) return h.later(a.n + b.n) end V.__call = function(_, x) return x end
local v = setmetatable({ n = 1 }, V)
for i = 1, 3 do if i == 2 then goto next end v[i] = function(...) return i, ... end ::next:: end
while true do if #v > 0 then break end end
repeat local x = v + v until x == 2
return v(1), v[1](2), 7 // 2, 1 << 3, ~5, 'a' .. 1
