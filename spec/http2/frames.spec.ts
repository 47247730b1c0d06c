import { converse } from './conversation.ts';

/** Each ends the connection: what the peer sends, behind one open stream, and the code of our GOAWAY. */
const connectionErrors: readonly { name: string; input: string; code: string }[] = [
  { name: 'DATA on stream 0', input: 'DATA 0 1', code: 'PROTOCOL_ERROR' },
  { name: 'DATA on an idle stream', input: 'DATA 3 1', code: 'PROTOCOL_ERROR' },
  { name: 'DATA on an even stream', input: 'DATA 2 1', code: 'PROTOCOL_ERROR' },
  { name: 'DATA whose padding exceeds it', input: 'FRAME 0 8 1 04616161', code: 'PROTOCOL_ERROR' },
  { name: 'padded DATA without its pad length', input: 'FRAME 0 8 1', code: 'FRAME_SIZE_ERROR' },
  { name: 'HEADERS on stream 0', input: 'HEADERS 0 :status=200', code: 'PROTOCOL_ERROR' },
  { name: 'HEADERS on an idle stream', input: 'HEADERS 3 :status=200', code: 'PROTOCOL_ERROR' },
  { name: 'HEADERS on an even stream', input: 'HEADERS 2 :status=200', code: 'PROTOCOL_ERROR' },
  { name: 'HEADERS whose padding exceeds it', input: 'FRAME 1 12 1 0288', code: 'PROTOCOL_ERROR' },
  { name: 'HEADERS too short for its priority', input: 'FRAME 1 36 1 00000000', code: 'FRAME_SIZE_ERROR' },
  { name: 'HEADERS that cannot be decoded', input: 'FRAME 1 4 1 40', code: 'COMPRESSION_ERROR' },
  { name: 'PRIORITY on stream 0', input: 'PRIORITY 0', code: 'PROTOCOL_ERROR' },
  {
    name: 'PRIORITY of the wrong length on an idle stream',
    input: 'FRAME 2 0 9 00',
    code: 'FRAME_SIZE_ERROR',
  },
  { name: 'RST_STREAM on stream 0', input: 'RST_STREAM 0 CANCEL', code: 'PROTOCOL_ERROR' },
  { name: 'RST_STREAM on an idle stream', input: 'RST_STREAM 3 CANCEL', code: 'PROTOCOL_ERROR' },
  { name: 'RST_STREAM of 3 octets', input: 'FRAME 3 0 1 000000', code: 'FRAME_SIZE_ERROR' },
  { name: 'SETTINGS on a stream', input: 'FRAME 4 0 1', code: 'PROTOCOL_ERROR' },
  { name: 'SETTINGS of 5 octets', input: 'FRAME 4 0 0 0001000000', code: 'FRAME_SIZE_ERROR' },
  { name: 'a SETTINGS ACK with a payload', input: 'SETTINGS ACK ENABLE_PUSH=0', code: 'FRAME_SIZE_ERROR' },
  { name: 'SETTINGS_ENABLE_PUSH 1 from a server', input: 'SETTINGS ENABLE_PUSH=1', code: 'PROTOCOL_ERROR' },
  { name: 'SETTINGS_ENABLE_PUSH 2', input: 'SETTINGS ENABLE_PUSH=2', code: 'PROTOCOL_ERROR' },
  {
    name: 'SETTINGS_INITIAL_WINDOW_SIZE 2^31',
    input: 'SETTINGS INITIAL_WINDOW_SIZE=2147483648',
    code: 'FLOW_CONTROL_ERROR',
  },
  { name: 'SETTINGS_MAX_FRAME_SIZE 16383', input: 'SETTINGS MAX_FRAME_SIZE=16383', code: 'PROTOCOL_ERROR' },
  { name: 'SETTINGS_MAX_FRAME_SIZE 2^24', input: 'SETTINGS MAX_FRAME_SIZE=16777216', code: 'PROTOCOL_ERROR' },
  { name: 'PUSH_PROMISE', input: 'PUSH_PROMISE 1 2 :method=GET', code: 'PROTOCOL_ERROR' },
  { name: 'PING on a stream', input: 'FRAME 6 0 1 0000000000000000', code: 'PROTOCOL_ERROR' },
  { name: 'PING of 7 octets', input: 'FRAME 6 0 0 00000000000000', code: 'FRAME_SIZE_ERROR' },
  { name: 'GOAWAY on a stream', input: 'FRAME 7 0 1 0000000000000000', code: 'PROTOCOL_ERROR' },
  { name: 'GOAWAY of 7 octets', input: 'FRAME 7 0 0 00000000000000', code: 'FRAME_SIZE_ERROR' },
  { name: 'WINDOW_UPDATE of 0 on the connection', input: 'WINDOW_UPDATE 0 0', code: 'PROTOCOL_ERROR' },
  { name: 'WINDOW_UPDATE of 3 octets', input: 'FRAME 8 0 0 000001', code: 'FRAME_SIZE_ERROR' },
  { name: 'WINDOW_UPDATE on an idle stream', input: 'WINDOW_UPDATE 3 1', code: 'PROTOCOL_ERROR' },
  {
    name: 'WINDOW_UPDATE that makes the connection window 2^31',
    input: 'WINDOW_UPDATE 0 2147418113',
    code: 'FLOW_CONTROL_ERROR',
  },
  { name: 'CONTINUATION without HEADERS', input: 'CONTINUATION 1 a=b', code: 'PROTOCOL_ERROR' },
  { name: 'a frame larger than SETTINGS_MAX_FRAME_SIZE', input: 'DATA 1 16385', code: 'FRAME_SIZE_ERROR' },
];

/** Each resets the stream and leaves the connection as it is. */
const streamErrors: readonly { name: string; input: string; code: string }[] = [
  { name: 'PRIORITY of the wrong length', input: 'FRAME 2 0 1 00', code: 'FRAME_SIZE_ERROR' },
  { name: 'WINDOW_UPDATE of 0', input: 'WINDOW_UPDATE 1 0', code: 'PROTOCOL_ERROR' },
  {
    name: 'WINDOW_UPDATE that makes its window 2^31',
    input: 'WINDOW_UPDATE 1 2147418113',
    code: 'FLOW_CONTROL_ERROR',
  },
  { name: 'DATA before HEADERS', input: 'DATA 1 1', code: 'PROTOCOL_ERROR' },
];

/** Each changes nothing. */
const ignored: readonly { name: string; input: string }[] = [
  { name: 'a frame of an unknown type on the connection', input: 'FRAME 77 255 0 00' },
  { name: 'a frame of an unknown type on an idle stream', input: 'FRAME 77 255 9 00' },
  { name: 'PRIORITY on an open stream', input: 'PRIORITY 1' },
  { name: 'PRIORITY on an idle stream', input: 'PRIORITY 9' },
  { name: 'SETTINGS with ACK', input: 'SETTINGS ACK' },
  { name: 'flags that the frame does not define', input: 'FRAME 8 255 0 00000001' },
  { name: 'the reserved bit of a stream id', input: 'FRAME 8 0 2147483649 00000001' },
  { name: 'WINDOW_UPDATE that makes the connection window 2^31-1', input: 'WINDOW_UPDATE 0 2147418112' },
  { name: 'WINDOW_UPDATE that makes the stream window 2^31-1', input: 'WINDOW_UPDATE 1 2147418112' },
];

describe('Frames (RFC 9113 §6)', () => {
  for (const { name, input, code } of connectionErrors) {
    it(`${name} is a connection error of type ${code}.`, () => {
      converse(`
        $ open /p
        > HEADERS 1 …
        < ${input}
        > GOAWAY 0 ${code} …
        = 1 end lost ${code} perhaps: …
        = connection end ${code}: …
        < PING 1
      `);
    });
  }

  for (const { name, input, code } of streamErrors) {
    it(`${name} is a stream error of type ${code}.`, () => {
      converse(`
        $ open /p
        > HEADERS 1 …
        < ${input}
        > RST_STREAM 1 ${code}
        = 1 end violation ${code}: …
        < PING 1
        > PING ACK 1
      `);
    });
  }

  for (const { name, input } of ignored) {
    it(`${name} changes nothing.`, () => {
      converse(`
        $ open /p
        > HEADERS 1 …
        < ${input}
        < PING 1
        > PING ACK 1
      `);
    });
  }

  it('A call is HEADERS and DATA out, HEADERS, DATA and HEADERS in.', () => {
    converse(`
      $ open /p
      > HEADERS 1 :method=POST :scheme=http :path=/p :authority=localhost te=trailers
      $ write 1 5 END_STREAM
      > DATA 1 5 END_STREAM
      < HEADERS 1 :status=200 content-type=application/grpc
      = 1 headers :status=200 content-type=application/grpc
      < DATA 1 7
      = 1 data 7
      < HEADERS 1 grpc-status=0 END_STREAM
      = 1 trailers grpc-status=0
      = 1 end complete
      ? openStreams 0
    `);
  });

  it('END_STREAM may be on HEADERS, on DATA with octets and on DATA without.', () => {
    converse(`
      $ open /a END_STREAM
      > HEADERS 1 :method=POST :scheme=http :path=/a :authority=localhost te=trailers END_STREAM
      < HEADERS 1 :status=200 END_STREAM
      = 1 headers :status=200 END_STREAM
      = 1 end complete
      $ open /b END_STREAM
      > HEADERS 3 …
      < HEADERS 3 :status=200
      = 3 headers :status=200
      < DATA 3 2 END_STREAM
      = 3 data 2
      = 3 end complete
      $ open /c END_STREAM
      > HEADERS 5 …
      < HEADERS 5 :status=200
      = 5 headers :status=200
      < DATA 5 0 END_STREAM
      = 5 end complete
    `);
  });

  it('A response that ends before its request does resets the rest of the request with NO_ERROR.', () => {
    converse(`
      $ open /p
      > HEADERS 1 …
      < HEADERS 1 :status=200 END_STREAM
      > RST_STREAM 1 NO_ERROR
      = 1 headers :status=200 END_STREAM
      = 1 end complete
    `);
  });

  it('Padding and priority are no part of what is handed on.', () => {
    converse(`
      $ open /p END_STREAM
      > HEADERS 1 …
      < HEADERS 1 :status=200 PAD=9 PRIORITY
      = 1 headers :status=200
      < DATA 1 4 PAD=255
      = 1 data 4
      < DATA 1 0 PAD=0
      < HEADERS 1 a=b END_STREAM PAD=0
      = 1 trailers a=b
      = 1 end complete
    `);
  });

  it('A header block goes on in CONTINUATION frames, empty ones too.', () => {
    converse(`
      $ open /p END_STREAM
      > HEADERS 1 …
      < HEADERS 1 :status=200 MORE END_STREAM
      < CONTINUATION 1 a=b MORE
      < CONTINUATION 1 MORE
      < CONTINUATION 1 c=d
      = 1 headers :status=200 a=b c=d END_STREAM
      = 1 end complete
    `);
  });

  for (const input of ['PING 1', 'DATA 1 1', 'HEADERS 1 a=b', 'CONTINUATION 3 a=b', 'FRAME 77 0 0 00']) {
    it(`${input} inside a header block is a connection error of type PROTOCOL_ERROR.`, () => {
      converse(`
        $ open /p END_STREAM
        > HEADERS 1 …
        < HEADERS 1 :status=200 MORE
        < ${input}
        > GOAWAY 0 PROTOCOL_ERROR …
        = 1 end lost PROTOCOL_ERROR perhaps: …
        = connection end PROTOCOL_ERROR: …
      `);
    });
  }

  it('PING is answered with its own octets, and answers to ours are reported.', () => {
    converse(`
      < PING 1234567890123456
      > PING ACK 1234567890123456
      $ ping 123456789012
      > PING 123456789012
      < PING ACK 123456789012
      = ping ack 123456789012
    `);
  });
});

describe('Closed streams (RFC 9113 §5.1)', () => {
  const ended = `
    $ open /p END_STREAM
    > HEADERS 1 …
    < HEADERS 1 :status=200 END_STREAM
    = 1 headers :status=200 END_STREAM
    = 1 end complete`;
  const resetByPeer = `
    $ open /p END_STREAM
    > HEADERS 1 …
    < RST_STREAM 1 REFUSED_STREAM
    = 1 end reset REFUSED_STREAM`;
  const resetByUs = `
    $ open /p END_STREAM
    > HEADERS 1 …
    $ reset 1 CANCEL
    > RST_STREAM 1 CANCEL`;

  for (const input of ['DATA 1 1', 'HEADERS 1 a=b']) {
    it(`${input} after END_STREAM is a connection error of type STREAM_CLOSED.`, () => {
      converse(`
        ${ended}
        < ${input}
        > GOAWAY 0 STREAM_CLOSED …
        = connection end STREAM_CLOSED: …
      `);
    });

    it(`${input} behind RST_STREAM of the peer is a stream error of type STREAM_CLOSED.`, () => {
      converse(`
        ${resetByPeer}
        < ${input}
        > RST_STREAM 1 STREAM_CLOSED
      `);
    });

    it(`${input} after END_STREAM and RST_STREAM of the peer is a stream error of type STREAM_CLOSED.`, () => {
      converse(`
        ${ended}
        < RST_STREAM 1 NO_ERROR
        < ${input}
        > RST_STREAM 1 STREAM_CLOSED
      `);
    });

    it(`${input} behind RST_STREAM of ours was underway and is ignored.`, () => {
      converse(`
        ${resetByUs}
        < ${input}
        < ${input}
      `);
    });
  }

  for (const [name, before] of Object.entries({ ended, resetByPeer, resetByUs })) {
    for (const input of ['WINDOW_UPDATE 1 5', 'RST_STREAM 1 NO_ERROR', 'PRIORITY 1']) {
      it(`${input} is ignored on a stream that is closed (${name}).`, () => {
        converse(`
          ${before}
          < ${input}
          < PING 1
          > PING ACK 1
        `);
      });
    }
  }

  it('Header blocks of a stream that was reset still change the table.', () => {
    converse(`
      ${resetByUs}
      < FRAME 1 4 1 884001610162
      $ open /p END_STREAM
      > HEADERS 3 …
      < FRAME 1 5 3 88be
      = 3 headers :status=200 a=b END_STREAM
      = 3 end complete
    `);
  });

  it('Only streams that the peer ended lately are remembered: frames for older ones are ignored.', () => {
    const conversation = converse('');
    for (let i = 0; i < 600; i++) {
      const { id } = conversation.open('/p', undefined, true);
      conversation.receive(`HEADERS ${id} :status=200 END_STREAM`);
    }
    conversation.take();
    conversation.output = [];
    conversation.events = [];
    conversation.run(`
      < DATA 1 1
      < DATA 1199 1
      > GOAWAY 0 STREAM_CLOSED …
      = connection end STREAM_CLOSED: …
    `);
  });
});
