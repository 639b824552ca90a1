local s = ('x'):rep(20, ',') .. string.format('%5d %q %-5s %g', 7, 'a\n', 'b', 0.5)
for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do s = s .. k .. v end
return s:gsub('%w', '%0%0'), s:find('x', 1, true), s:match('^(x)'), string.unpack('<i4 z s2', string.pack('<i4 z s2', 1, 'z', 'c'))
