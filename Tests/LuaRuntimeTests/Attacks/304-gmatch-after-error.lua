-- expect: ok
-- up to 5.5.0 the second call of a failed iterator overflows the C stack
for _, p in ipairs { '(', '%', '[a', '%f', '%b', '%1', '(()' } do
  local ok, iterator = pcall(string.gmatch, 'aaa', p)
  if ok then pcall(iterator) pcall(iterator) end
end
