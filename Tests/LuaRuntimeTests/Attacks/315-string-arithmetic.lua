-- expect: ok
-- strings keep their arithmetic, and nobody reaches the metatable that has it
assert('10' + 1 == 11 and '0x10' * '2' == 32 and -'2' == -2 and 10 .. 1 == '101')
assert(getmetatable('') == nil)
