-- expect: killed:time
-- every position compares a megabyte
local s = ('a'):rep(2e6)
while true do s:find('(a+)%1b') end
