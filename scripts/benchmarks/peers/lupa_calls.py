"""The calls of engine-benchmark by way of lupa: `lupa_calls.py call|record COUNT`; a line of JSON."""
import json
import sys
import time

from lupa.lua54 import LuaRuntime

lua = LuaRuntime()

PLAIN = "local call, count = ... for i = 1, count do call() end"
RECORD = """
local call, count = ...
local options = { env = 'RELEASE', remark = 'weekly release', limit = 20 }
for i = 1, count do local record = call('pay-create', options) end
"""


def nothing():
    return None


def record(name, options):
    options = dict(options)
    assert isinstance(name, str) and options["env"] and options["remark"] and options["limit"] == 20
    return lua.table_from({
        "api_id": "0f83d8c6ef2c4d41a6b3d2a1c90f0001", "api_name": "pay-create",
        "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "publish_id": "40e7162dc6b94bbbbb1a60d2a24b1b0c",
        "publish_time": "2026-11-20T10:15:02.265228Z", "version_id": "ee1a5a38d3d3493abf1dc4ed6cacfa0b",
        "remark": "weekly release"})


workload, count = sys.argv[1], int(sys.argv[2])
script, function = {"call": (PLAIN, nothing), "record": (RECORD, record)}[workload]
run = lua.compile(script)
run(function, max(1, count // 10))
began = time.process_time()
run(function, count)
print(json.dumps({"processor_nanoseconds": (time.process_time() - began) * 1e9 / count}))
