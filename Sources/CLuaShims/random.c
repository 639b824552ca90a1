// math.random and math.randomseed: stock Lua's generator (xoshiro256**) and arithmetic, but one generator for each
// task, so that what a task draws does not depend on which other tasks run meanwhile.
#include "internal.h"

static uint64_t rotated(uint64_t x, int n) { return (x << n) | (x >> (64 - n)); }

uint64_t clua_random_next(clua_random *r) {
  uint64_t *s = r->state, s2 = s[2] ^ s[0], s3 = s[3] ^ s[1], result = rotated(s[1] * 5, 7) * 9;
  s[2] = s2 ^ (s[1] << 17);
  s[0] = s[0] ^ s3;
  s[1] = s[1] ^ s2;
  s[3] = rotated(s3, 45);
  return result;
}

void clua_random_seed(clua_random *r, uint64_t first, uint64_t second) {
  *r = (clua_random){{first, 0xff, second, 0}};
  for (int i = 0; i < 16; i++) clua_random_next(r);
}

static clua_random *generator(lua_State *L) { return clua_random_of(clua_engine_of(L)); }

// A number from 0 to `limit`, each as likely as the others. [-0, +0, -]
static uint64_t below(uint64_t drawn, uint64_t limit, clua_random *r) {
  uint64_t mask = limit;
  for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
  while ((drawn &= mask) > limit) drawn = clua_random_next(r);
  return drawn;
}

static int math_random(lua_State *L) {
  clua_random *r = generator(L);
  uint64_t drawn = clua_random_next(r);
  lua_Integer low = 1, high;
  switch (lua_gettop(L)) {
    case 0:
      lua_pushnumber(L, (lua_Number)(drawn >> 11) * 0x1p-53);
      return 1;
    case 1:
      high = luaL_checkinteger(L, 1);
      if (high == 0) {
        lua_pushinteger(L, (lua_Integer)drawn);
        return 1;
      }
      break;
    case 2:
      low = luaL_checkinteger(L, 1);
      high = luaL_checkinteger(L, 2);
      break;
    default: return luaL_error(L, "wrong number of arguments");
  }
  luaL_argcheck(L, low <= high, 1, "interval is empty");
  lua_pushinteger(L, (lua_Integer)(below(drawn, (uint64_t)high - (uint64_t)low, r) + (uint64_t)low));
  return 1;
}

// Without arguments the new seed comes out of the old generator: chance enters by the engine's seed only.
static int math_randomseed(lua_State *L) {
  clua_random *r = generator(L);
  lua_Integer first, second;
  if (lua_isnone(L, 1)) {
    first = (lua_Integer)clua_random_next(r);
    second = (lua_Integer)clua_random_next(r);
  } else {
    first = luaL_checkinteger(L, 1);
    second = luaL_optinteger(L, 2, 0);
  }
  clua_random_seed(r, (uint64_t)first, (uint64_t)second);
  lua_pushinteger(L, first);
  lua_pushinteger(L, second);
  return 2;
}

// [-0, +0, m] into the table on top
void clua_open_random(lua_State *L) {
  lua_pushcfunction(L, math_random);
  lua_setfield(L, -2, "random");
  lua_pushcfunction(L, math_randomseed);
  lua_setfield(L, -2, "randomseed");
}
