-- expect: error:too large or killed:time
-- thirty tables that are a thousand million values when written out
local t = { true }
for i = 1, 30 do t = { t, t } end
apig.envs(t)
