-- expect: ok
for _, init in ipairs { math.mininteger, math.maxinteger, 0, -1, 1, 4, 5, -4 } do
  for _, f in ipairs { string.find, string.match, string.gmatch } do
    local ok, r = pcall(f, 'abc', 'b', init)
    assert(ok)
    if f == string.gmatch then r() end
  end
  pcall(string.byte, 'abc', init, init)
  pcall(string.sub, 'abc', init, init)
end
