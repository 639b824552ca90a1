-- expect: killed:time
local t = {}
for i = 1, 2e5 do t[i] = i end
while true do select('#', table.unpack(t)) end
