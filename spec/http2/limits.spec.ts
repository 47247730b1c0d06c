import { expect } from 'chai';
import type { ConnectionOptions } from '../../lib/http2/connection.ts';
import { Conversation, converse } from './conversation.ts';

/** What a peer does again and again, behind one open stream with a head, and the option that limits it. */
const floods: readonly { name: string; line: string; options: ConnectionOptions; option: string }[] = [
  { name: 'PING frames', line: 'PING 1', options: { maxPings: 5 }, option: 'maxPings' },
  { name: 'PING frames with ACK', line: 'PING ACK 1', options: { maxPings: 5 }, option: 'maxPings' },
  {
    name: 'DATA frames without octets',
    line: 'DATA 1 0',
    options: { maxEmptyData: 5 },
    option: 'maxEmptyData',
  },
  {
    name: 'DATA frames of padding only',
    line: 'DATA 1 0 PAD=3',
    options: { maxEmptyData: 5 },
    option: 'maxEmptyData',
  },
  {
    name: 'RST_STREAM frames for streams that are closed',
    line: 'RST_STREAM 3 CANCEL',
    options: { maxResets: 5 },
    option: 'maxResets',
  },
  {
    name: 'WINDOW_UPDATE frames on the connection',
    line: 'WINDOW_UPDATE 0 1',
    options: { maxWindowUpdates: 5 },
    option: 'maxWindowUpdates',
  },
  {
    name: 'WINDOW_UPDATE frames on a stream',
    line: 'WINDOW_UPDATE 1 1',
    options: { maxWindowUpdates: 5 },
    option: 'maxWindowUpdates',
  },
  {
    name: 'WINDOW_UPDATE frames on a closed stream',
    line: 'WINDOW_UPDATE 3 1',
    options: { maxWindowUpdates: 5 },
    option: 'maxWindowUpdates',
  },
  {
    name: 'PRIORITY frames',
    line: 'PRIORITY 1',
    options: { maxIgnoredFrames: 5 },
    option: 'maxIgnoredFrames',
  },
  {
    name: 'frames of unknown types',
    line: 'FRAME 99 0 0 00',
    options: { maxIgnoredFrames: 5 },
    option: 'maxIgnoredFrames',
  },
  {
    name: 'DATA frames for a stream that was reset',
    line: 'DATA 3 1',
    options: { maxIgnoredFrames: 5 },
    option: 'maxIgnoredFrames',
  },
  {
    name: 'header blocks for a stream that was reset',
    line: 'HEADERS 3 a=b',
    options: { maxIgnoredFrames: 5 },
    option: 'maxIgnoredFrames',
  },
  {
    name: 'GOAWAY frames',
    line: 'GOAWAY 2147483647 NO_ERROR',
    options: { maxIgnoredFrames: 5 },
    option: 'maxIgnoredFrames',
  },
];

/** One stream with a head, and one that was reset. */
function prepared(options: ConnectionOptions): Conversation {
  const conversation = new Conversation(options);
  conversation.open('/p');
  conversation.open('/q').reset(8);
  conversation.receive('HEADERS 1 :status=200');
  return conversation;
}

function repeat(conversation: Conversation, line: string, times: number): void {
  for (let i = 0; i < times; i++) conversation.receive(line);
}

function expectAlive({ connection, events }: Conversation): void {
  expect(connection.isClosed, events.at(-1)).to.equal(false);
}

function expectCalmed(conversation: Conversation, option: string): void {
  expect(conversation.take().at(-1)).to.match(new RegExp(`^GOAWAY 0 ENHANCE_YOUR_CALM .*${option} `));
  expect(conversation.events.at(-1)).to.match(/^connection end ENHANCE_YOUR_CALM: /);
}

describe('Limits on what a peer does without progress', () => {
  for (const { name, line, options, option } of floods) {
    it(`${option} ${name} are taken; one more ends the connection with ENHANCE_YOUR_CALM.`, () => {
      const conversation = prepared(options);
      repeat(conversation, line, 5);
      expectAlive(conversation);
      repeat(conversation, line, 1);
      expectCalmed(conversation, option);
    });

    it(`DATA with octets is progress: behind it the count of ${name} starts again.`, () => {
      const conversation = prepared(options);
      if (option === 'maxResets') return;
      repeat(conversation, line, 5);
      conversation.receive('DATA 1 1');
      repeat(conversation, line, 5);
      expectAlive(conversation);
      repeat(conversation, line, 1);
      expectCalmed(conversation, option);
    });
  }

  it('maxSettingsFrames SETTINGS are taken; one more ends the connection with ENHANCE_YOUR_CALM.', () => {
    const conversation = prepared({ maxSettingsFrames: 5 });
    repeat(conversation, 'SETTINGS', 2);
    repeat(conversation, 'SETTINGS ACK', 3);
    expectAlive(conversation);
    repeat(conversation, 'SETTINGS', 1);
    expectCalmed(conversation, 'maxSettingsFrames');
  });

  it('maxIgnoredFrames informational heads are taken; one more ends the connection.', () => {
    const conversation = new Conversation({ maxIgnoredFrames: 5 });
    conversation.open('/p');
    repeat(conversation, 'HEADERS 1 :status=103', 5);
    expectAlive(conversation);
    repeat(conversation, 'HEADERS 1 :status=103', 1);
    expectCalmed(conversation, 'maxIgnoredFrames');
  });

  it('A response and its end are progress.', () => {
    const conversation = prepared({ maxPings: 5, maxResets: 5 });
    for (const line of ['HEADERS 1 a=b END_STREAM', 'PING 1']) {
      repeat(conversation, 'PING 1', 4);
      repeat(conversation, 'RST_STREAM 3 CANCEL', 4);
      conversation.receive(line);
    }
    expectAlive(conversation);
  });

  it('DATA of ours is progress: a long upload needs many WINDOW_UPDATE frames and nothing else.', () => {
    const conversation = prepared({ maxWindowUpdates: 5 });
    conversation.stream(1).write(new Uint8Array(65_535), 0, 65_535, true, false);
    conversation.stream(1).write(new Uint8Array(100), 0, 100, true, false);
    for (let i = 0; i < 50; i++) conversation.receive('WINDOW_UPDATE 0 1', 'WINDOW_UPDATE 1 1');
    expectAlive(conversation);
  });

  it('A frame of a kind each second is always allowed: keepalive on an idle connection never adds up.', () => {
    const conversation = prepared({ maxPings: 5 });
    for (let i = 0; i < 1000; i++) {
      conversation.nowMs += 1000;
      conversation.receive('PING 1');
      conversation.take();
    }
    expectAlive(conversation);
  });

  it('A patient flood is one too.', () => {
    const conversation = prepared({ maxPings: 50 });
    for (let i = 0; i < 1000; i++) {
      conversation.nowMs += 100;
      conversation.receive('PING 1');
      conversation.take();
    }
    expect(conversation.connection.isClosed).to.equal(true);
  });

  it('A server that resets all calls it got, however many, is no flood.', () => {
    const conversation = new Conversation({ maxResets: 5 });
    for (let i = 0; i < 100; i++) conversation.open('/p');
    for (let i = 0; i < 100; i++) conversation.receive(`RST_STREAM ${2 * i + 1} REFUSED_STREAM`);
    expectAlive(conversation);
    expect(conversation.connection.openStreams).to.equal(0);
  });

  it('A client that opens and resets streams is stopped at maxResets (CVE-2023-44487).', () => {
    const conversation = new Conversation({ role: 'server', maxResets: 5 });
    const attack = (id: number): void =>
      conversation.receive(
        `HEADERS ${id} :method=POST :scheme=http :path=/ END_STREAM`,
        `RST_STREAM ${id} CANCEL`,
      );
    for (let i = 0; i < 5; i++) attack(2 * i + 1);
    expectAlive(conversation);
    attack(11);
    expect(conversation.events.at(-1)).to.match(/^connection end ENHANCE_YOUR_CALM: .*maxResets 5/);
  });
});

describe('Limits on what a peer makes grow', () => {
  it('maxPendingReplies answers may wait in the output; one more ends the connection.', () => {
    const conversation = prepared({ maxPendingReplies: 5 });
    conversation.take();
    // Progress between does not help: it is the output that must not grow.
    for (let i = 0; i < 5; i++) conversation.receive('PING 1', 'DATA 1 1');
    expectAlive(conversation);
    conversation.receive('PING 1');
    expectCalmed(conversation, 'maxPendingReplies');
  });

  it('Answers that were taken no longer count, and resets of broken streams and ACKs do.', () => {
    const conversation = prepared({ maxPendingReplies: 3 });
    for (let i = 0; i < 5; i++) {
      conversation.take();
      conversation.receive('PING 1', 'SETTINGS', 'DATA 1 1');
    }
    conversation.receive('WINDOW_UPDATE 1 0');
    expectAlive(conversation);
    conversation.receive('PING 1');
    expectCalmed(conversation, 'maxPendingReplies');
  });

  it('maxEmptyContinuations CONTINUATION frames without octets may be in a block; one more ends the connection.', () => {
    const options = { maxEmptyContinuations: 3 };
    const opened = `
      $ open /p END_STREAM
      > HEADERS 1 …
      < HEADERS 1 :status=200 MORE`;
    converse(
      `
      ${opened}
      < 3 * CONTINUATION 1 MORE
      < CONTINUATION 1 a=b
      = 1 headers :status=200 a=b
      `,
      options,
    );
    converse(
      `
      ${opened}
      < 3 * CONTINUATION 1 MORE
      < CONTINUATION 1
      > GOAWAY 0 ENHANCE_YOUR_CALM a header block with more than maxEmptyContinuations 3 empty CONTINUATION frames
      = 1 end lost ENHANCE_YOUR_CALM perhaps: …
      = connection end ENHANCE_YOUR_CALM: …
      `,
      options,
    );
  });

  it('The empty ones of a block do not count for the next.', () => {
    const conversation = new Conversation({ maxEmptyContinuations: 3 });
    for (let i = 0; i < 5; i++) {
      conversation.open('/p');
      const id = 2 * i + 1;
      conversation.receive(`HEADERS ${id} :status=200 MORE`);
      repeat(conversation, `CONTINUATION ${id} MORE`, 3);
      conversation.receive(`CONTINUATION ${id} a=b`);
    }
    expectAlive(conversation);
  });

  // A literal 'a: b' without indexing, and its 34 octets of the list.
  const field = '0001610162';
  const fieldListOctets = 34;
  for (const [name, cut] of [
    ['one frame an octet', 2],
    ['one frame for three octets', 6],
  ] as const) {
    it(`A list at maxHeaderListOctets is taken in ${name}, and one that is larger fails its stream alone.`, () => {
      const fields = 500;
      const conversation = new Conversation({ maxHeaderListOctets: 42 + fields * fieldListOctets });
      for (const more of [0, 1]) {
        conversation.open('/p');
        const id = 2 * more + 1;
        const digits = `88${field.repeat(fields + more)}`;
        conversation.receive(`FRAME 1 0 ${id} ${digits.slice(0, cut)}`);
        for (let at = cut; at < digits.length; at += cut) {
          conversation.receive(`FRAME 9 0 ${id} ${digits.slice(at, at + cut)}`);
        }
        conversation.receive(`FRAME 9 4 ${id}`);
        expectAlive(conversation);
      }
      const { events } = conversation;
      expect(events.some((event) => event.includes('1 headers :status=200 a=b'))).to.equal(true);
      expect(events.at(-1)).to.match(/3 end violation ENHANCE_YOUR_CALM: .*maxHeaderListBytes/);
    });
  }

  it('A block of maxHeaderBlockOctets is decoded; one octet more ends the connection.', () => {
    const options = { maxHeaderBlockOctets: 10 };
    const opened = `
      $ open /p END_STREAM
      > HEADERS 1 …`;
    // 1 + 9 octets, in one frame and in two.
    converse(
      `
      ${opened}
      < FRAME 1 4 1 88000161 05 6262626262
      = 1 headers :status=200 a=bbbbb
      < FRAME 1 1 1 000161 06
      < FRAME 9 4 1 626262626262
      = 1 trailers a=bbbbbb
      = 1 end complete
      `,
      options,
    );
    for (const input of [
      '< FRAME 1 4 1 88000161 06 626262626262',
      '< FRAME 1 0 1 88000161 06\n< FRAME 9 4 1 626262626262',
    ]) {
      converse(
        `
        ${opened}
        ${input}
        > GOAWAY 0 ENHANCE_YOUR_CALM a header block exceeds maxHeaderBlockOctets 10
        = 1 end lost ENHANCE_YOUR_CALM perhaps: …
        = connection end ENHANCE_YOUR_CALM: …
        `,
        options,
      );
    }
  });

  it('1,024 octets of the text of a GOAWAY are kept, and no more.', () => {
    for (const [sent, kept] of [
      [1023, 1023],
      [1024, 1024],
      [1025, 1024],
    ]) {
      const conversation = new Conversation();
      conversation.receive(`GOAWAY 0 NO_ERROR ${'x'.repeat(sent)}`);
      expect(conversation.events).to.deep.equal([`goaway 0 NO_ERROR ${'x'.repeat(kept)}`]);
    }
  });

  it('64 characters of what the peer sent stand in a reason, and no more.', () => {
    for (const [sent, shown] of [
      [64, 'X'.repeat(64)],
      [65, `${'X'.repeat(64)}…`],
    ] as const) {
      const conversation = new Conversation();
      conversation.open('/p');
      conversation.receive(`HEADERS 1 :status=200 ${'X'.repeat(sent)}=1`);
      expect(conversation.events.at(-1)).to.include(`invalid field name "${shown}"`);
    }
  });

  it('SETTINGS of maxSettingsEntries entries is applied; one more ends the connection.', () => {
    const options = { maxSettingsEntries: 2 };
    converse(
      `
      < SETTINGS 77=1 77=1
      > SETTINGS ACK
      = capacity
      < SETTINGS 77=1 77=1 77=1
      > GOAWAY 0 ENHANCE_YOUR_CALM SETTINGS with more than maxSettingsEntries 2 entries
      = connection end ENHANCE_YOUR_CALM: …
      `,
      options,
    );
  });

  it('A server takes maxConcurrentStreams streams and refuses the next.', () => {
    const request = ':method=POST :scheme=http :path=/p';
    converse(
      `
      < HEADERS 1 ${request}
      = 1 headers ${request}
      < HEADERS 3 ${request}
      = 3 headers ${request}
      < HEADERS 5 ${request}
      > RST_STREAM 5 REFUSED_STREAM
      < DATA 5 1
      ? openStreams 2
      `,
      { role: 'server', maxConcurrentStreams: 2 },
    );
  });
});
