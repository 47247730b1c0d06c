import { expect } from 'chai';
import { Conversation, converse } from './conversation.ts';

describe('SETTINGS (RFC 9113 §6.5)', () => {
  it('Every entry of a frame is applied in order, unknown ones ignored, and the frame acknowledged once.', () => {
    converse(`
      < SETTINGS INITIAL_WINDOW_SIZE=1 77=9 INITIAL_WINDOW_SIZE=3
      > SETTINGS ACK
      = capacity
      $ open /p
      > HEADERS 1 …
      $ write 1 9
      > DATA 1 3
    `);
  });

  it('SETTINGS_MAX_CONCURRENT_STREAMS is obeyed, and capacity told when a stream ends or it grows.', () => {
    converse(`
      < SETTINGS MAX_CONCURRENT_STREAMS=2
      > SETTINGS ACK
      = capacity
      $ open /a END_STREAM
      > HEADERS 1 …
      ? canOpen true
      $ open /b END_STREAM
      > HEADERS 3 …
      ? canOpen false
      < HEADERS 1 :status=200 END_STREAM
      = 1 headers :status=200 END_STREAM
      = 1 end complete
      = capacity
      $ open /c END_STREAM
      > HEADERS 5 …
      ? canOpen false
      $ reset 5 CANCEL
      > RST_STREAM 5 CANCEL
      = capacity
      $ open /d END_STREAM
      > HEADERS 7 …
      < SETTINGS MAX_CONCURRENT_STREAMS=1
      > SETTINGS ACK
      < SETTINGS MAX_CONCURRENT_STREAMS=3
      > SETTINGS ACK
      = capacity
      ? canOpen true
    `);
  });

  it('SETTINGS_MAX_CONCURRENT_STREAMS 0 lets no stream be opened.', () => {
    converse(`
      < SETTINGS MAX_CONCURRENT_STREAMS=0
      > SETTINGS ACK
      ? canOpen false
    `);
    const conversation = new Conversation();
    conversation.receive('SETTINGS MAX_CONCURRENT_STREAMS=0');
    expect(() => conversation.open('/p')).to.throw('no stream can be opened');
  });

  it('A HEADER_TABLE_SIZE of ours below 4096 binds the peer once it acknowledged it.', () => {
    const options = { headerTableOctets: 0 };
    converse(
      `
      $ open /p END_STREAM
      > HEADERS 1 …
      // Not acknowledged: an entry may still be made.
      < FRAME 1 4 1 884001610162
      = 1 headers :status=200 a=b
      < SETTINGS ACK
      < FRAME 1 5 1 2000017801 7a
      = 1 trailers x=z
      = 1 end complete
      `,
      options,
    );
    converse(
      `
      $ open /p END_STREAM
      > HEADERS 1 …
      < SETTINGS ACK
      < FRAME 1 4 1 88
      > GOAWAY 0 COMPRESSION_ERROR no table size update after the limit was lowered
      = 1 end lost COMPRESSION_ERROR perhaps: …
      = connection end COMPRESSION_ERROR: …
      `,
      options,
    );
  });

  it('A smaller INITIAL_WINDOW_SIZE of a server binds its client once it acknowledged it.', () => {
    converse(
      `
      < HEADERS 1 :method=POST :scheme=http :path=/p
      = 1 headers :method=POST :scheme=http :path=/p
      < DATA 1 90
      = 1 data 90
      < SETTINGS ACK
      < DATA 1 10
      = 1 data 10
      < DATA 1 1
      > RST_STREAM 1 FLOW_CONTROL_ERROR
      = 1 end violation FLOW_CONTROL_ERROR: …
      `,
      { role: 'server', initialWindowOctets: 100, maxWindowOctets: 100 },
    );
  });
});
