-- expect: killed:time or killed:memory
local source = 'return ' .. ('{'):rep(150) .. ('}'):rep(150)
while true do load(source:rep(1)) load(('a = 1 '):rep(4e4)) end
