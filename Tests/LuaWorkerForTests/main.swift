import LuaIsolation

LuaWorker.runIfAsked()
