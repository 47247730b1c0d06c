"""The server of grpc's HTTP/2 interop cases (grpc/grpc, test/http2_test), on the same library, h2, and in today's Python.

One listener for each case; prints `listening <case> 127.0.0.1:<port>` for each, then `ready`. What a client did wrong is
written to stderr as `violation <case>: …`. Ends when its stdin does.
"""

import asyncio
import os
import struct
import sys
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

# As in grpc's server: small enough for the RFC, and for padded frames so small that padding outweighs the data.
READ_CHUNK_SIZE = 16384  # never padded as well: a frame holds no more
SMALL_READ_CHUNK_SIZE = 5
LARGE_PADDING_LENGTH = 255


def varint(value):
    octets = bytearray()
    while value > 0x7F:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def large_response(size):
    """SimpleResponse { payload { body: <size zeros> } } with gRPC's header."""
    body = b"\x12" + varint(size) + bytes(size)
    message = b"\x0a" + varint(len(body)) + body
    return b"\x00" + struct.pack(">I", len(message)) + message


def response_size(request):
    """SimpleRequest.response_size, field 2; None while the message is incomplete."""
    if len(request) < 5 or len(request) < 5 + struct.unpack(">I", request[1:5])[0]:
        return None
    at, message = 0, request[5:]

    def read_varint():
        nonlocal at
        value = shift = 0
        while True:
            octet = message[at]
            at += 1
            value |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                return value

    while at < len(message):
        tag = read_varint()
        value = read_varint()
        if tag == 0x10:
            return value
        if tag & 7 == 2:
            at += value
    return 0


class Case(asyncio.Protocol):
    """A connection that answers every request whole: what the cases have in common."""

    name = ""
    read_chunk_size = READ_CHUNK_SIZE
    pad_length = None

    def __init__(self):
        self.conn = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self.requests = {}
        self.to_send = {}

    def violation(self, text):
        print(f"violation {self.name}: {text}", file=sys.stderr, flush=True)

    def connection_made(self, transport):
        self.transport = transport
        self.greet()
        self.flush()

    def connection_lost(self, exc):
        self.on_lost()

    def flush(self):
        octets = self.conn.data_to_send()
        if octets:
            self.transport.write(octets)

    def data_received(self, data):
        try:
            events = self.conn.receive_data(data)
        except h2.exceptions.ProtocolError as error:
            if not self.is_closing():
                self.violation(f"{type(error).__name__}: {error}")
            return
        for event in events:
            if isinstance(event, h2.events.RequestReceived):
                self.requests[event.stream_id] = b""
                self.on_request(event.stream_id)
            elif isinstance(event, h2.events.DataReceived):
                self.on_data(event)
            elif isinstance(event, h2.events.WindowUpdated):
                self.resume()
            elif isinstance(event, h2.events.PingAckReceived):
                self.on_ping_ack()
            elif isinstance(event, h2.events.StreamReset):
                self.to_send.pop(event.stream_id, None)
                self.on_stream_over(event.stream_id)
            self.flush()

    def on_data(self, event):
        stream_id = event.stream_id
        self.conn.acknowledge_received_data(event.flow_controlled_length, stream_id)
        if stream_id not in self.requests:
            return
        self.requests[stream_id] += event.data
        size = response_size(self.requests[stream_id])
        if size is not None and event.data:
            del self.requests[stream_id]
            self.before_response()
            self.to_send[stream_id] = self.response(size)
            self.resume()
            self.after_response()

    def resume(self):
        padding = 0 if self.pad_length is None else self.pad_length + 1
        for stream_id in list(self.to_send):
            rest = self.to_send[stream_id]
            at = 0
            while at < len(rest):
                window = self.conn.local_flow_control_window(stream_id)
                if window - padding <= 0:
                    break
                chunk = rest[at : at + min(window - padding, self.read_chunk_size)]
                self.conn.send_data(stream_id, chunk, pad_length=self.pad_length)
                at += len(chunk)
            self.to_send[stream_id] = rest[at:]
            if at == len(rest):
                del self.to_send[stream_id]
                self.on_sent(stream_id)
            self.flush()

    # What a case may do otherwise.

    def greet(self):
        self.conn.initiate_connection()

    def is_closing(self):
        return False

    def on_request(self, stream_id):
        self.send_head(stream_id)

    def send_head(self, stream_id):
        self.conn.send_headers(
            stream_id,
            [
                (":status", "200"),
                ("content-type", "application/grpc"),
                ("grpc-encoding", "identity"),
                ("grpc-accept-encoding", "identity,deflate,gzip"),
            ],
        )

    def response(self, size):
        return large_response(size)

    def before_response(self):
        pass

    def after_response(self):
        pass

    def on_sent(self, stream_id):
        self.conn.send_headers(stream_id, [("grpc-status", "0")], end_stream=True)
        self.on_stream_over(stream_id)

    def on_stream_over(self, stream_id):
        pass

    def on_ping_ack(self):
        pass

    def on_lost(self):
        pass


class Goaway(Case):
    """After each response GOAWAY: the next request has to come on another connection."""

    name = "goaway"
    has_gone_away = False

    def is_closing(self):
        return self.has_gone_away

    def on_request(self, stream_id):
        if self.has_gone_away:
            self.violation("a request came behind GOAWAY")
        super().on_request(stream_id)

    def on_sent(self, stream_id):
        super().on_sent(stream_id)
        self.has_gone_away = True
        self.conn.close_connection(error_code=0, last_stream_id=stream_id)


class RstAfterHeader(Case):
    name = "rst_after_header"

    def on_request(self, stream_id):
        self.send_head(stream_id)
        self.conn.reset_stream(stream_id)
        self.requests.pop(stream_id)


class RstAfterData(Case):
    name = "rst_after_data"

    def on_sent(self, stream_id):
        self.conn.reset_stream(stream_id)


class RstDuringData(RstAfterData):
    name = "rst_during_data"

    def response(self, size):
        whole = super().response(size)
        return whole[: len(whole) // 2]


class Ping(Case):
    """PINGs around headers and data; each has to be answered before the connection ends."""

    name = "ping"
    outstanding = 0

    def ping(self):
        self.outstanding += 1
        self.conn.ping(bytes(8))

    def on_request(self, stream_id):
        self.ping()
        super().on_request(stream_id)
        self.ping()

    def before_response(self):
        self.ping()

    def after_response(self):
        self.ping()

    def on_ping_ack(self):
        self.outstanding -= 1

    def on_lost(self):
        if self.outstanding != 0:
            self.violation(f"{self.outstanding} PINGs were not answered")


class MaxStreams(Case):
    """MAX_CONCURRENT_STREAMS is 1, and never more than one stream may be open."""

    name = "max_streams"
    open_streams = 0

    def greet(self):
        super().greet()
        self.conn.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1})

    def on_request(self, stream_id):
        self.open_streams += 1
        if self.open_streams > 1:
            self.violation(f"{self.open_streams} streams are open")
        super().on_request(stream_id)

    def on_stream_over(self, stream_id):
        self.open_streams = max(0, self.open_streams - 1)


class NoDataFramePadding(Case):
    """Without padding: the sanity check of the next case."""

    name = "no_df_padding_sanity_test"
    read_chunk_size = SMALL_READ_CHUNK_SIZE


class DataFramePadding(NoDataFramePadding):
    """Far more padding than data: who does not count it in flow control comes to a halt."""

    name = "data_frame_padding"
    pad_length = LARGE_PADDING_LENGTH


CASES = [Goaway, RstAfterHeader, RstAfterData, RstDuringData, Ping, MaxStreams, DataFramePadding, NoDataFramePadding]


async def main():
    loop = asyncio.get_running_loop()
    for case in CASES:
        server = await loop.create_server(case, "127.0.0.1", 0)
        print(f"listening {case.name} 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


def end_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_stdin, daemon=True).start()
asyncio.run(main())
