local r = h.each({ 1, 2, 3, 4 }, 2, 'raise', function(i) return h.later(i) end)
local good, bad = h.each({ 1, 2 }, 1, 'return', function(i) h.fail_later() end)
table.sort({ 2, 1 }, function() h.each({ 1 }, 1, 'raise', h.later) end)
return r, good, #bad
