import { expect } from 'chai';
import { Conversation, converse } from './conversation.ts';
import { ascii, encodeLine, hex } from './wire-text.ts';

describe('Starting a connection (RFC 9113 §3.4)', () => {
  it('The client sends its preface, SETTINGS and the room for a larger connection window.', () => {
    converse(
      `
      > PREFACE
      > SETTINGS ENABLE_PUSH=0 INITIAL_WINDOW_SIZE=262144 MAX_HEADER_LIST_SIZE=65536
      > WINDOW_UPDATE 0 16711681
      ? canOpen false
      < SETTINGS
      > SETTINGS ACK
      = ready
      ? canOpen true
      `,
      { withoutHandshake: true },
    );
  });

  it('The server begins with SETTINGS and answers those behind the preface.', () => {
    converse(
      `
      > SETTINGS MAX_CONCURRENT_STREAMS=1000 INITIAL_WINDOW_SIZE=262144 MAX_HEADER_LIST_SIZE=65536
      > WINDOW_UPDATE 0 16711681
      < TEXT PRI * HTTP/2.0\\r\\n
      < TEXT \\r\\nSM\\r\\n\\r\\n
      < SETTINGS
      > SETTINGS ACK
      = ready
      `,
      { withoutHandshake: true, role: 'server' },
    );
  });

  it('Settings that differ from the defaults are told.', () => {
    converse(
      `
      > PREFACE
      > SETTINGS ENABLE_PUSH=0 INITIAL_WINDOW_SIZE=9 MAX_HEADER_LIST_SIZE=8 HEADER_TABLE_SIZE=7 MAX_FRAME_SIZE=20000
      `,
      {
        withoutHandshake: true,
        initialWindowOctets: 9,
        maxHeaderListOctets: 8,
        headerTableOctets: 7,
        maxFrameOctets: 20_000,
        connectionWindowOctets: 65_535,
      },
    );
  });

  for (const [input, what] of [
    ['SETTINGS ACK', 'a SETTINGS ACK'],
    ['PING 1', 'of type 6'],
    ['GOAWAY 0 NO_ERROR', 'of type 7'],
    ['HEADERS 1 :status=200', 'of type 1'],
  ]) {
    it(`${input} as the first frame is a connection error of type PROTOCOL_ERROR.`, () => {
      converse(
        `
        > PREFACE
        > SETTINGS …
        > WINDOW_UPDATE 0 16711681
        < ${input}
        > GOAWAY 0 PROTOCOL_ERROR the first frame is ${what}, not SETTINGS
        = connection end PROTOCOL_ERROR: …
        `,
        { withoutHandshake: true },
      );
    });
  }
});

describe('A peer that does not speak HTTP/2', () => {
  const peers: readonly { name: string; octets: Uint8Array; shown: string }[] = [
    {
      name: 'an HTTP/1.1 server',
      octets: ascii('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
      shown: '"HTTP/1.1 400 Bad Request"',
    },
    { name: 'an SSH server', octets: ascii('SSH-2.0-OpenSSH_9.6\r\n'), shown: '"SSH-2.0-OpenSSH_9.6"' },
    { name: 'a TLS server', octets: hex('15030100020246'), shown: '15 03 01 00 02 02 46' },
  ];

  for (const { name, octets, shown } of peers) {
    it(`${name} is told from what it sent.`, () => {
      const conversation = new Conversation({ withoutHandshake: true });
      conversation.connection.receive(octets, 0);
      expect(conversation.events).to.deep.equal([
        `connection end PROTOCOL_ERROR: the peer does not speak HTTP/2: it sent ${shown}`,
      ]);
      expect(conversation.connection.firstOctets).to.deep.equal(octets);
    });
  }

  it('What came before the socket ended is told too.', () => {
    const conversation = new Conversation({ withoutHandshake: true });
    conversation.connection.receive(Uint8Array.of(0, 0), 0);
    conversation.connection.transportEnded('the socket closed');
    expect(conversation.events).to.deep.equal([
      'connection end NO_ERROR: the socket closed; the peer had sent 00 00 and no HTTP/2 SETTINGS',
    ]);
  });

  it('The first 1024 octets are kept, and no more.', () => {
    const conversation = new Conversation({ withoutHandshake: true });
    conversation.connection.receive(ascii('x'.repeat(1025)), 0);
    expect(conversation.connection.firstOctets).to.deep.equal(ascii('x'.repeat(1024)));
  });

  it('They are kept until the SETTINGS are whole, and not for the life of a connection.', () => {
    const conversation = new Conversation({ withoutHandshake: true });
    const settings = encodeLine('SETTINGS MAX_CONCURRENT_STREAMS=100');
    conversation.connection.receive(settings.subarray(0, -1), 0);
    expect(conversation.connection.firstOctets).to.deep.equal(settings.subarray(0, -1));
    conversation.connection.receive(settings.subarray(-1), 0);
    expect(conversation.connection.firstOctets).to.deep.equal(new Uint8Array(0));
  });

  it('A client without its preface is refused by the server role.', () => {
    const conversation = new Conversation({ withoutHandshake: true, role: 'server' });
    conversation.connection.receive(ascii('GET / HTTP/1.1\r\n\r\n'), 0);
    expect(conversation.events).to.deep.equal([
      'connection end PROTOCOL_ERROR: the peer does not speak HTTP/2: it sent "GET / HTTP/1.1"',
    ]);
  });

  it('Nothing is received once the connection has ended.', () => {
    const conversation = new Conversation({ withoutHandshake: true });
    conversation.connection.receive(ascii('SSH-2.0'), 0);
    conversation.connection.receive(encodeLine('SETTINGS'), 0);
    conversation.connection.transportEnded('again');
    expect(conversation.events).to.have.length(1);
  });
});
