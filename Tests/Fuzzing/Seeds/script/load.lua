local n = 0
local f = load(function() n = n + 1 return ({ 'return ', h.later('...'), ' + 1' })[n] end, 'n', 't', {})
return f(1), load('x ='), pcall(require, 'none')
