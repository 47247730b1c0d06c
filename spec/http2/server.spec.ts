import { expect } from 'chai';
import { Conversation, converse } from './conversation.ts';

const request = ':method=POST :scheme=http :path=/p';
const server = { role: 'server' } as const;

describe('The server role', () => {
  it('Takes a request and answers with head, data and trailers.', () => {
    converse(
      `
      < HEADERS 1 ${request} te=trailers
      = 1 headers ${request} te=trailers
      < DATA 1 5 END_STREAM
      = 1 data 5
      = 1 end complete
      $ headers 1 :status=200 content-type=application/grpc
      > HEADERS 1 :status=200 content-type=application/grpc
      $ write 1 7
      > DATA 1 7
      $ trailers 1 grpc-status=0
      > HEADERS 1 grpc-status=0 END_STREAM
      ? openStreams 0
      `,
      server,
    );
  });

  for (const value of ['\\u0020b', 'b\\t']) {
    it(`Takes no request with a blank at an end of a value: a=${value}`, () => {
      converse(
        `
        < HEADERS 1 ${request} a=${value}
        > RST_STREAM 1 PROTOCOL_ERROR
        = 1 end violation PROTOCOL_ERROR: malformed message: invalid value of field a
        `,
        server,
      );
    });
  }

  it('Trailers go out behind the data that waits.', () => {
    converse(
      `
      < SETTINGS INITIAL_WINDOW_SIZE=5
      > SETTINGS ACK
      = capacity
      < HEADERS 1 ${request} END_STREAM
      = 1 headers ${request} END_STREAM
      = 1 end complete
      $ headers 1 :status=200
      > HEADERS 1 :status=200
      $ write 1 7
      > DATA 1 5
      $ trailers 1 grpc-status=0
      < WINDOW_UPDATE 1 2
      > DATA 1 2
      > HEADERS 1 grpc-status=0 END_STREAM
      = 1 writable
      ? openStreams 0
      `,
      server,
    );
  });

  it('A response may end before its request does; the stream is open until then.', () => {
    converse(
      `
      < HEADERS 1 ${request}
      = 1 headers ${request}
      $ headers 1 :status=200 END_STREAM
      > HEADERS 1 :status=200 END_STREAM
      ? openStreams 1
      < DATA 1 3 END_STREAM
      = 1 data 3
      = 1 end complete
      ? openStreams 0
      `,
      server,
    );
  });

  it('A reset behind the end of the request is told in a second end.', () => {
    converse(
      `
      < HEADERS 1 ${request} END_STREAM
      = 1 headers ${request} END_STREAM
      = 1 end complete
      < RST_STREAM 1 CANCEL
      = 1 end reset CANCEL
      $ headers 1 :status=200
      ? openStreams 0
      `,
      server,
    );
  });

  it('Request trailers are taken.', () => {
    converse(
      `
      < HEADERS 1 ${request}
      = 1 headers ${request}
      < HEADERS 1 a=b END_STREAM
      = 1 trailers a=b
      = 1 end complete
      `,
      server,
    );
  });

  for (const input of ['DATA 1 1', 'HEADERS 1 a=b END_STREAM']) {
    it(`${input} after END_STREAM is a stream error of type STREAM_CLOSED (half-closed).`, () => {
      converse(
        `
        < HEADERS 1 ${request} END_STREAM
        = 1 headers ${request} END_STREAM
        = 1 end complete
        < ${input}
        > RST_STREAM 1 STREAM_CLOSED
        = 1 end violation STREAM_CLOSED: …
        `,
        server,
      );
    });
  }

  for (const { name, input } of [
    { name: 'an even stream', input: `HEADERS 2 ${request}` },
    { name: 'DATA on an idle stream', input: 'DATA 1 1' },
    { name: 'PUSH_PROMISE', input: `PUSH_PROMISE 1 2 ${request}` },
  ]) {
    it(`Takes ${name} as a connection error of type PROTOCOL_ERROR.`, () => {
      converse(
        `
        < ${input}
        > GOAWAY 0 PROTOCOL_ERROR …
        = connection end PROTOCOL_ERROR: …
        `,
        server,
      );
    });
  }

  for (const { name, head } of [
    { name: 'no :method', head: ':scheme=http :path=/p' },
    { name: 'no :scheme', head: ':method=POST :path=/p' },
    { name: 'no :path', head: ':method=POST :scheme=http' },
    { name: 'an empty :path', head: ':method=POST :scheme=http :path=' },
    { name: ':status', head: `${request} :status=200` },
    { name: 'two :path', head: `${request} :path=/q` },
    { name: 'CONNECT with :path', head: ':method=CONNECT :authority=a :path=/p' },
    { name: 'CONNECT without :authority', head: ':method=CONNECT' },
  ]) {
    it(`A request with ${name} is malformed.`, () => {
      converse(
        `
        < HEADERS 1 ${head}
        > RST_STREAM 1 PROTOCOL_ERROR
        = 1 end violation PROTOCOL_ERROR: malformed message: …
        `,
        server,
      );
    });
  }

  it('CONNECT has an authority and nothing else.', () => {
    converse(
      `
      < HEADERS 1 :method=CONNECT :authority=a
      = 1 headers :method=CONNECT :authority=a
      `,
      server,
    );
  });

  it('drain() names the last stream and refuses those behind it.', () => {
    converse(
      `
      < HEADERS 1 ${request} END_STREAM
      = 1 headers ${request} END_STREAM
      = 1 end complete
      $ drain
      > GOAWAY 1 NO_ERROR
      < HEADERS 3 ${request}
      > RST_STREAM 3 REFUSED_STREAM
      $ headers 1 :status=200 END_STREAM
      > HEADERS 1 :status=200 END_STREAM
      `,
      server,
    );
  });

  it('Without onStream, or when it throws, requests are refused.', () => {
    const conversation = new Conversation(server);
    conversation.streams.set = () => {
      throw new Error('of onStream');
    };
    conversation.receive(`HEADERS 1 ${request}`);
    expect(conversation.take()).to.deep.equal(['RST_STREAM 1 REFUSED_STREAM']);
    expect(conversation.errors.map(String)).to.deep.equal(['Error: of onStream']);
  });

  it('Answers that recur are sent by index.', () => {
    const conversation = new Conversation(server);
    const octets: number[] = [];
    for (const id of [1, 3, 5]) {
      conversation.receive(`HEADERS ${id} ${request} END_STREAM`);
      conversation.take();
      conversation.stream(id).headers([':status', '200', 'content-type', 'application/grpc'], false);
      octets.push(conversation.connection.outputOctets);
      conversation.take();
    }
    expect(octets.slice(1)).to.deep.equal([11, 11]);
  });
});
