# grpcio as a server, for spec/suites/proxies. Messages are bytes, so that nothing is generated. It prints its port when it listens,
# ends gracefully at SIGTERM and at once when its stdin does.
#
# usage: server.py PORT WORK_MS [CHANNEL_ARGUMENT=NUMBER …]     port 0: any that is free

import asyncio
import os
import random
import signal
import sys
import threading

import grpc

GRACE_S = 10


def end_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


async def main():
    port, work_ms, *arguments = sys.argv[1:]
    work_s = float(work_ms) / 1000

    async def once(request, _context):
        await asyncio.sleep(random.random() * work_s)
        return request

    async def watch(requests, _context):
        async for request in requests:
            yield request

    handlers = {
        "Once": grpc.unary_unary_rpc_method_handler(once),
        "Watch": grpc.stream_stream_rpc_method_handler(watch),
    }
    options = [(name, int(value)) for name, value in (argument.split("=") for argument in arguments)]
    server = grpc.aio.server(options=options)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("proxies.Echo", handlers)])
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    print(f"listening {bound}", flush=True)
    threading.Thread(target=end_with_stdin, daemon=True).start()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await server.stop(GRACE_S)
    os._exit(0)


asyncio.run(main())
