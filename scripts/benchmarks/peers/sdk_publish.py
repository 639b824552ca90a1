"""Publishes every API of a gateway with Huawei's official SDK: `sdk_publish.py URL THREADS COUNT`; a line of JSON.

Time and processor time are those of the publishes alone: neither the import nor the listing counts.
"""
import concurrent.futures
import json
import resource
import sys
import time

import huaweicloudsdkapig.v2 as apig
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.http_config import HttpConfig

url, threads, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
config = HttpConfig.get_default_config()
client = (
    apig.ApigClient.new_builder().with_http_config(config).with_endpoint(url)
    .with_credentials(BasicCredentials("local", "local-secret", "p")).build())

ids = []
while len(ids) < count:
    page = client.list_apis_v2(apig.ListApisV2Request(instance_id="local", limit=500, offset=len(ids))).apis
    if not page:
        sys.exit("there are too few APIs")
    ids += [api.id for api in page]


def publish(api):
    body = apig.ApiActionInfo(action="online", env_id="DEFAULT_ENVIRONMENT_RELEASE_ID", api_id=api)
    request = apig.CreateOrDeletePublishRecordForApiV2Request(instance_id="local", body=body)
    return client.create_or_delete_publish_record_for_api_v2(request).version_id


def processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


used, began = processor(), time.perf_counter()
with concurrent.futures.ThreadPoolExecutor(threads) as pool:
    versions = list(pool.map(publish, ids[:count]))
assert len(set(versions)) == count
print(json.dumps({"seconds": time.perf_counter() - began, "processor": processor() - used}))
