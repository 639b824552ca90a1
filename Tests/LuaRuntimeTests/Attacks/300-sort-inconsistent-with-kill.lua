-- expect: killed:time or error:invalid order
-- a comparator that lies and never ends
local t = {}
for i = 1, 100 do t[i] = i end
while true do pcall(table.sort, t, function() return true end) end
