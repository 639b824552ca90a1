-- expect: killed:time
local spin = coroutine.wrap(function() while true do coroutine.yield(pcall(function() for i = 1, 1e9 do end end)) end end)
table.sort({ 3, 2, 1 }, function() return spin() end)
