-- expect: killed:time
-- nothing of the script runs after the stop, the host is not called
local c <close> = setmetatable({}, { __close = function() while true do apig.envs{} end end })
while true do end
