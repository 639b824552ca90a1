-- expect: error:too complex
local p = ('a?'):rep(1e5)
assert(pcall(string.find, 'a', 'a?'))
string.find(('a'):rep(1e5), p)
