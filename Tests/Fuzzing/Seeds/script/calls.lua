local t = { h.now(1, 'x', { 2 }), h.later(3) }
print(pcall(h.fail), pcall(h.fail_later), h.where())
return t
