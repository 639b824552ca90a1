"""HTTP: the client's ceiling, the local gateway's throughput, and how reads grow."""
from gateway import PATH, local_gateway, seed, serving, signed_publishes, wrk
from measuring import Curve, Row, Target, figures, in_turn, ratios
from registry import measure

CONNECTIONS = 32


@measure("client")
def client(bench):
    count = bench.size(40_000, 10_000)
    driver = bench.program("http-benchmark")
    bench.tool("wrk")
    with serving([driver, "serve"], bench.environment) as (url, _):
        samples = in_turn(bench.rounds(7), **{
            "apig-lua's client": lambda: figures([driver, "request", url, CONNECTIONS, count])["requests_per_second"],
            "wrk": lambda: wrk(bench, url + PATH + "/envs/x", CONNECTIONS, bench.size(3, 1))})
    return Row("client's ceiling: empty answers, signed requests, 32 connections", "1/s", samples,
               [Target("of wrk", ratios(samples["apig-lua's client"], samples["wrk"]), 0.4, at_most=False)])


@measure("gateway")
def gateway(bench):
    seconds = bench.size(3, 1)
    bench.tool("wrk")
    with serving([bench.program("http-benchmark"), "serve"], bench.environment) as (empty, _), \
            local_gateway(bench, seed(bench, 2000)) as local:
        ids = local.api_ids()
        publishes = signed_publishes(bench, local, ids)
        history = f"/apis/publish/{ids[0]}"

        def reads(path, query=""):
            headers = local.signed("GET", path, query)
            headers.pop("host")
            url = local.url + PATH + path + ("?" + query if query else "")
            return wrk(bench, url, CONNECTIONS, seconds, headers)

        samples = in_turn(bench.rounds(5), **{
            "publishes": lambda: wrk(bench, local.url, 64, seconds, script=publishes),
            "list of 20": lambda: reads("/apis", "limit=20"), "history": lambda: reads(history),
            "empty route": lambda: wrk(bench, empty + PATH + history, CONNECTIONS, seconds)})
    floor = samples["empty route"]

    def row(title, side):
        return Row(title, "1/s", {"local gateway": samples[side], "empty route": floor},
                   [Target("of the empty route", ratios(samples[side], floor), 0.5, at_most=False)])

    return [
        row("local gateway: reads of a list (20 of 2,000 APIs)", "list of 20"),
        row("local gateway: reads of an API's history", "history"),
        Row("local gateway: durable publishes, 64 clients", "1/s", {"local gateway": samples["publishes"]},
            [Target("a second", samples["publishes"], 3000, "1/s", at_most=False)])]


READS = {
    "list all": "return #apig.apis()",
    "select by name": "return #apig.select { name = 'pay-*1' }",
    "select what changed": "return #apig.select { changed_in = 'RELEASE' }",
    "history of one": "return #apig.history { api = apig.apis { limit = 1 }[1] }",
}


@measure("reads")
def reads(bench):
    """Runs that read, over 10 to 8,000 APIs."""
    time = {name: [] for name in READS}
    memory = {name: [] for name in READS}
    for count in (10, 100, 1000) + (() if bench.is_quick else (8000,)):
        with local_gateway(bench, seed(bench, count)) as local:
            for name, script in READS.items():
                ended = local.run(script)
                time[name].append((count, ended.wall))
                memory[name].append((count, ended.resident / 1e6))
    return [
        Curve("Runs that read: time", "APIs of the gateway", "s, start to end", time),
        Curve("Runs that read: memory", "APIs of the gateway", "MB, most resident", memory)]
