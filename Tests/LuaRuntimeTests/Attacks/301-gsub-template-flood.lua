-- expect: killed:memory or error:too large
-- each match puts the whole match back a hundred times
local s = ('a'):rep(1e5)
while true do s = s:gsub('a+', ('%0'):rep(100)) end
