local t = table.pack(5, 3, 9)
table.insert(t, 1, 'a') table.remove(t, 1) table.sort(t) table.move(t, 1, 3, 2)
for k, v in pairs(h.freeze(t)) do h.now(k, v) end
print(table.concat(t, ','), table.unpack(t), #h.list)
for p, c in utf8.codes('hä') do h.now(p, c) end
return utf8.len('ä'), math.random(5), os.date('!%Y', 0)
