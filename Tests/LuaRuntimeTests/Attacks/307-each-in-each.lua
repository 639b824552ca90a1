-- expect: killed:calls or killed:memory or error:limit
local function again(n) apig.parallel { function() apig.envs{} again(n + 1) end, function() again(n + 1) end } end
again(1)
