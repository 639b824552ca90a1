-- expect: killed:time
local s = ('\u{7FFFFFFF}'):rep(2e5)
while true do pcall(utf8.len, s, 1, -1, true) for _ in utf8.codes(s, true) do end end
