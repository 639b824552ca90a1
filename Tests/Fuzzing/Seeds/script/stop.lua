local c <close> = setmetatable({}, { __close = function() print('closed') end })
pcall(function() coroutine.wrap(function() table.sort({ 1, 2 }, h.stop_later) end)() end)
