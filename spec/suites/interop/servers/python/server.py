# grpc.testing.TestService on Python's grpcio, on the loopback address, for spec/suites/interop.
# It prints the port that it got and lives until its stdin closes, so that it cannot outlast the runner.
# grpcio publishes its interop servicer in no package, so it is written here, to "Server" of grpc's
# doc/interop-test-descriptions.md. Its first argument is the folder of the modules protoc made; with the files of a key and
# a certificate behind it, it speaks TLS.

import os
import sys
import time
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

# The modules are called grpc.testing.*, as their files are, so they must be found inside the grpc package.
sys.path.insert(0, sys.argv[1])
grpc.__path__.append(os.path.join(sys.argv[1], "grpc"))

from grpc.testing import empty_pb2, messages_pb2, test_pb2, test_pb2_grpc  # noqa: E402

ECHO_INITIAL = "x-grpc-test-echo-initial"
ECHO_TRAILING = "x-grpc-test-echo-trailing-bin"

# A call holds a thread for as long as it runs.
THREADS = 64


def echo_metadata(context):
    received = context.invocation_metadata()
    context.send_initial_metadata([(key, value) for key, value in received if key == ECHO_INITIAL])
    context.set_trailing_metadata([(key, value) for key, value in received if key == ECHO_TRAILING])


def end_with_echo_status(request, context):
    """Ends the call if the request asks for a status: abort raises."""
    if not request.HasField("response_status"):
        return
    status = request.response_status
    for code in grpc.StatusCode:
        if code.value[0] == status.code:
            context.abort(code, status.message)
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"no status has the code {status.code}")


def payload(payload_type, size, context):
    if payload_type != messages_pb2.COMPRESSABLE:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"unsupported payload type {payload_type}")
    if size < 0:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"negative payload size {size}")
    return messages_pb2.Payload(type=payload_type, body=bytes(size))


def responses(request, context):
    for parameters in request.response_parameters:
        if parameters.interval_us > 0:
            time.sleep(parameters.interval_us / 1e6)
        yield messages_pb2.StreamingOutputCallResponse(
            payload=payload(request.response_type, parameters.size, context)
        )


class TestService(test_pb2_grpc.TestServiceServicer):
    """UnimplementedCall is left to the base class, which answers UNIMPLEMENTED."""

    def EmptyCall(self, request, context):
        echo_metadata(context)
        return empty_pb2.Empty()

    def UnaryCall(self, request, context):
        echo_metadata(context)
        end_with_echo_status(request, context)
        return messages_pb2.SimpleResponse(
            payload=payload(request.response_type, request.response_size, context)
        )

    def StreamingOutputCall(self, request, context):
        echo_metadata(context)
        end_with_echo_status(request, context)
        yield from responses(request, context)

    def StreamingInputCall(self, request_iterator, context):
        echo_metadata(context)
        return messages_pb2.StreamingInputCallResponse(
            aggregated_payload_size=sum(len(request.payload.body) for request in request_iterator)
        )

    def FullDuplexCall(self, request_iterator, context):
        echo_metadata(context)
        for request in request_iterator:
            end_with_echo_status(request, context)
            yield from responses(request, context)

    def HalfDuplexCall(self, request_iterator, context):
        echo_metadata(context)
        for request in list(request_iterator):
            end_with_echo_status(request, context)
            yield from responses(request, context)


def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=THREADS))
    test_pb2_grpc.add_TestServiceServicer_to_server(TestService(), server)
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    reflection.enable_server_reflection(
        [
            test_pb2.DESCRIPTOR.services_by_name["TestService"].full_name,
            health_pb2.DESCRIPTOR.services_by_name["Health"].full_name,
            reflection.SERVICE_NAME,
        ],
        server,
    )
    if len(sys.argv) == 4:
        with open(sys.argv[2], "rb") as key, open(sys.argv[3], "rb") as certificate:
            credentials = grpc.ssl_server_credentials([(key.read(), certificate.read())])
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"listening 127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    server.stop(None)
    # Threads that still run a call would keep the interpreter alive.
    os._exit(0)


if __name__ == "__main__":
    main()
