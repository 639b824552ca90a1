-- expect: error:. or killed:time
error(setmetatable({}, { __tostring = function() while true do pcall(error) end end }))
