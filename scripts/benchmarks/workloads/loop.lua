local began = os.clock()
local sum = 0
for i = 1, 150000000 do sum = sum + i % 7 end
assert(sum > 0)
print(os.clock() - began)
