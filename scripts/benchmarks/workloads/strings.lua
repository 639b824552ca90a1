-- What playbooks do with text: find, match, replace, split, join, sort.
local began = os.clock()
local words = {}
for i = 1, 20000 do words[i] = ("pay-%05d:v%d"):format(i * 7919 % 20000, i % 10) end
local found = 0
for round = 1, 24 do
  local seen = {}
  for _, word in ipairs(words) do
    local number, version = word:match("^pay%-(%d+):v(%d)$")
    if word:find("9:", 1, true) then found = found + 1 end
    seen[#seen + 1] = number .. "." .. version:gsub("%d", "<%0>")
  end
  table.sort(seen)
  assert(#table.concat(seen, ",") > #seen)
end
assert(found > 0)
print(os.clock() - began)
