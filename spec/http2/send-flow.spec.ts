import { expect } from 'chai';
import { Conversation, converse } from './conversation.ts';
import { concat } from './wire-text.ts';

describe('Flow control of what is sent (RFC 9113 §5.2, §6.9)', () => {
  it('DATA is cut to the frame size, the stream window and the connection window.', () => {
    converse(`
      < SETTINGS INITIAL_WINDOW_SIZE=20000
      > SETTINGS ACK
      = capacity
      $ open /p
      > HEADERS 1 …
      $ write 1 30000 END_STREAM
      > DATA 1 16384
      > DATA 1 3616
      < WINDOW_UPDATE 1 9999
      > DATA 1 9999
      < WINDOW_UPDATE 1 1
      > DATA 1 1 END_STREAM
      = 1 writable
    `);
  });

  it('A window of exactly the message is enough, and of none of it nothing goes out.', () => {
    converse(`
      < SETTINGS INITIAL_WINDOW_SIZE=0
      > SETTINGS ACK
      = capacity
      $ open /p
      > HEADERS 1 …
      $ write 1 5 END_STREAM
      < WINDOW_UPDATE 1 5
      > DATA 1 5 END_STREAM
      = 1 writable
    `);
  });

  it('An empty END_STREAM needs no window.', () => {
    converse(`
      < SETTINGS INITIAL_WINDOW_SIZE=0
      > SETTINGS ACK
      = capacity
      $ open /p
      > HEADERS 1 …
      $ end 1
      > DATA 1 0 END_STREAM
    `);
  });

  it('The end behind data that waits goes out with its last octets.', () => {
    converse(`
      < SETTINGS INITIAL_WINDOW_SIZE=3
      > SETTINGS ACK
      = capacity
      $ open /p
      > HEADERS 1 …
      $ write 1 5
      > DATA 1 3
      $ end 1
      < WINDOW_UPDATE 1 9
      > DATA 1 2 END_STREAM
      = 1 writable
    `);
  });

  it('SETTINGS may take windows below zero, and streams wait until they are above it.', () => {
    converse(`
      $ open /p
      > HEADERS 1 …
      $ write 1 10000
      > DATA 1 10000
      < SETTINGS INITIAL_WINDOW_SIZE=4000
      > SETTINGS ACK
      = capacity
      $ write 1 100
      < WINDOW_UPDATE 1 6000
      < WINDOW_UPDATE 1 1
      > DATA 1 1
      < SETTINGS INITIAL_WINDOW_SIZE=4098
      > SETTINGS ACK
      > DATA 1 98
      = capacity
      < SETTINGS INITIAL_WINDOW_SIZE=4000
      > SETTINGS ACK
      = capacity
      < SETTINGS INITIAL_WINDOW_SIZE=4099
      > SETTINGS ACK
      > DATA 1 1
      = 1 writable
      = capacity
    `);
  });

  it('SETTINGS that take a window above 2^31-1 are a connection error of type FLOW_CONTROL_ERROR.', () => {
    converse(`
      $ open /p
      > HEADERS 1 …
      < WINDOW_UPDATE 1 2147418112
      < SETTINGS INITIAL_WINDOW_SIZE=65536
      > GOAWAY 0 FLOW_CONTROL_ERROR …
      = 1 end lost FLOW_CONTROL_ERROR perhaps: …
      = connection end FLOW_CONTROL_ERROR: …
    `);
  });

  it('SETTINGS_MAX_FRAME_SIZE is obeyed.', () => {
    converse(`
      < SETTINGS MAX_FRAME_SIZE=20000
      > SETTINGS ACK
      = capacity
      $ open /p
      > HEADERS 1 …
      $ write 1 25000
      > DATA 1 20000
      > DATA 1 5000
    `);
  });

  it('Streams with data share the connection window in turn, one frame each.', () => {
    converse(`
      $ open /a
      > HEADERS 1 …
      $ open /b
      > HEADERS 3 …
      $ open /c
      > HEADERS 5 …
      $ write 1 65535
      > DATA 1 16384
      > DATA 1 16384
      > DATA 1 16384
      > DATA 1 16383
      < SETTINGS INITIAL_WINDOW_SIZE=200000
      > SETTINGS ACK
      = capacity
      $ write 1 20000
      $ write 3 20000
      $ write 5 10
      < WINDOW_UPDATE 0 100000
      > DATA 1 16384
      > DATA 3 16384
      > DATA 5 10
      > DATA 1 3616
      > DATA 3 3616
      = 5 writable
      = 1 writable
      = 3 writable
    `);
  });

  it('A stream without window of its own is passed over.', () => {
    converse(`
      < SETTINGS INITIAL_WINDOW_SIZE=10
      > SETTINGS ACK
      = capacity
      $ open /a
      > HEADERS 1 …
      $ open /b
      > HEADERS 3 …
      $ write 1 11
      > DATA 1 10
      $ write 3 10
      > DATA 3 10
    `);
  });

  it('A reset drops what waits.', () => {
    converse(`
      < SETTINGS INITIAL_WINDOW_SIZE=2
      > SETTINGS ACK
      = capacity
      $ open /p
      > HEADERS 1 …
      $ write 1 5
      > DATA 1 2
      $ reset 1 CANCEL
      > RST_STREAM 1 CANCEL
      < WINDOW_UPDATE 1 9
    `);
  });

  it('The end of a stream drops what waits, and nothing can be written any more.', () => {
    converse(`
      < SETTINGS INITIAL_WINDOW_SIZE=2
      > SETTINGS ACK
      = capacity
      $ open /p
      > HEADERS 1 …
      $ write 1 5
      > DATA 1 2
      < RST_STREAM 1 CANCEL
      = 1 end reset CANCEL
      $ write 1 5
      $ end 1
      $ reset 1 CANCEL
    `);
  });

  it('While the output is blocked no DATA is written and no stream opened, but control frames are.', () => {
    converse(`
      $ open /p
      > HEADERS 1 …
      $ open /q
      > HEADERS 3 …
      $ block
      ? canOpen false
      $ write 1 5
      < PING 1
      > PING ACK 1
      $ reset 3 CANCEL
      > RST_STREAM 3 CANCEL
      $ unblock
      > DATA 1 5
      = 1 writable
      = capacity
      ? canOpen true
    `);
  });

  it('Data beyond maxOutputOctets waits until output is taken.', () => {
    const conversation = new Conversation({ maxOutputOctets: 20_000 });
    conversation.receive('SETTINGS INITIAL_WINDOW_SIZE=1000000', 'WINDOW_UPDATE 0 1000000');
    conversation.take();
    const stream = conversation.open('/p');
    expect(stream.write(new Uint8Array(100_000), 0, 100_000, true, false)).to.equal(false);
    expect(conversation.connection.outputOctets).to.be.below(20_000 + 16_384 + 9);
    conversation.output = [];
    expect(conversation.take().at(-1)).to.equal('DATA 1 1696');
    expect(conversation.events.at(-1)).to.equal('1 writable');
  });

  for (const owned of [true, false]) {
    it(`What is written arrives as it was, ${owned ? 'handed over' : 'copied before the memory changes'}.`, () => {
      const conversation = new Conversation();
      const stream = conversation.open('/p');
      const sent: Uint8Array[] = [];
      for (const octets of [1, 100, 127, 129, 5000, 16_384, 16_385, 40_000, 70_000]) {
        const bytes = Uint8Array.from({ length: octets + 2 }, (_, i) => (i * 31 + octets) & 0xff);
        sent.push(bytes.slice(1, -1));
        stream.write(bytes, 1, bytes.length - 1, owned, false);
        if (!owned) bytes.fill(0);
      }
      stream.end();
      conversation.receive('WINDOW_UPDATE 0 1000000', 'WINDOW_UPDATE 1 1000000');
      expect(conversation.take().at(-1)).to.match(/END_STREAM$/);
      expect(concat(conversation.text.data)).to.deep.equal(concat(sent));
    });
  }

  it('A writer inside onWritable keeps its stream going, one message at a time.', () => {
    let left = 5;
    const conversation = new Conversation({
      onEvent: (line, heard) => {
        if (line === '1 writable' && left-- > 0)
          heard.stream(1).write(new Uint8Array(70_000), 0, 70_000, true, left === 0);
      },
    });
    conversation.open('/p').write(new Uint8Array(70_000), 0, 70_000, true, false);
    conversation.take();
    conversation.receive('WINDOW_UPDATE 0 1000000', 'WINDOW_UPDATE 1 1000000');
    conversation.take();
    expect(concat(conversation.text.data)).to.have.length(6 * 70_000);
  });

  it('Memory that was handed over is free once the socket has let go of the last octet that refers to it.', () => {
    const conversation = new Conversation();
    const stream = conversation.open('/p');
    conversation.take();
    conversation.heldOctets = 0;
    stream.write(new Uint8Array(40_000), 0, 40_000, true, true);
    expect(stream.isWritten, 'in the output').to.equal(false);
    conversation.take();
    expect(stream.isWritten, 'taken, and gone').to.equal(true);
    // What other streams write later does not refer to it.
    conversation.open('/p').write(new Uint8Array(20_000), 0, 20_000, true, true);
    expect(stream.isWritten, 'others in the output').to.equal(true);
    conversation.take();
    const later = conversation.streams.size * 50 + 20_000;
    conversation.heldOctets = 20_000;
    expect(stream.isWritten, "the socket holds others'").to.equal(true);
    conversation.heldOctets = later + 1000;
    expect(stream.isWritten, 'the socket holds some of it').to.equal(false);
    conversation.heldOctets = undefined;
    expect(stream.isWritten, 'unknown').to.equal(false);
  });

  it('Memory that was handed over is not free while some of it waits for a window.', () => {
    const conversation = new Conversation();
    conversation.heldOctets = 0;
    const stream = conversation.open('/p');
    stream.write(new Uint8Array(100_000), 0, 100_000, true, true);
    conversation.take();
    expect(stream.isWritten).to.equal(false);
    conversation.receive('WINDOW_UPDATE 0 100000', 'WINDOW_UPDATE 1 100000');
    conversation.take();
    expect(stream.isWritten).to.equal(true);
  });

  it('Of a stream that is reset, what is in the output still refers to its memory.', () => {
    const conversation = new Conversation();
    conversation.heldOctets = 0;
    const stream = conversation.open('/p');
    stream.write(new Uint8Array(100_000), 0, 100_000, true, true);
    stream.reset(8);
    expect(stream.isWritten).to.equal(false);
    conversation.take();
    expect(stream.isWritten).to.equal(true);
  });
});
