-- expect: ok
-- a script may have a global of that name; methods stay what they are
string = { rep = function() error('hijacked') end }
assert(('x'):rep(2) == 'xx')
