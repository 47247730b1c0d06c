// Compressed messages of an exchange, both ways, on a faked waist.

import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { BUILT_IN_COMPRESSIONS, type Compression } from '../../lib/rpc/compression/compression.ts';
import { type Bench, deliver, GRPC_HEAD, makeExchange, OK } from '../support/exchange.ts';
import { concat, frame } from '../support/messages.ts';

const GZIP = BUILT_IN_COMPRESSIONS.get('gzip') as Compression;
const IN_GZIP = [...GRPC_HEAD, 'grpc-encoding', 'gzip'];
const TEXT = Buffer.from('abc'.repeat(100));
const HEX = TEXT.toString('hex');
const COMPLETE = { kind: 'complete' } as const;

describe('A compressed request', () => {
  function written(bench: Bench): Buffer {
    return Buffer.concat(bench.stream.written);
  }

  function send(compression: Compression | undefined, body: Uint8Array, mayCompress?: boolean): Bench {
    const bench = makeExchange({ compression, isOpen: false });
    const octets = frame(body);
    bench.exchange.send(octets, 0, octets.length, true, mayCompress);
    bench.exchange.onOpen(bench.stream, { address: '' });
    return bench;
  }

  it('has the flag 1, its own length and the compressed octets', () => {
    const octets = written(send(GZIP, TEXT));
    expect(octets[0]).to.equal(1);
    expect(octets.readUInt32BE(1)).to.equal(octets.length - 5);
    expect(gunzipSync(octets.subarray(5)).equals(TEXT)).to.equal(true);
  });

  it('is sent as it is if it would become no smaller', () => {
    const body = Buffer.from('short');
    expect(written(send(GZIP, body)).equals(frame(body))).to.equal(true);
    const same = { name: 'same', compress: (b: Uint8Array) => b, decompress: (b: Uint8Array) => b };
    expect(written(send(same, TEXT)).equals(frame(TEXT))).to.equal(true);
  });

  it('is sent as it is if the caller says so', () => {
    expect(written(send(GZIP, TEXT, false)).equals(frame(TEXT))).to.equal(true);
    expect(written(send(undefined, TEXT)).equals(frame(TEXT))).to.equal(true);
  });

  const faults: readonly (readonly [name: string, compress: () => unknown, details: RegExp])[] = [
    [
      'throws',
      () => {
        throw new Error('no memory');
      },
      /compressed with broken: no memory/,
    ],
    ['gives a text', () => 'abc', /its compress returned string, not a Uint8Array/],
    ['gives nothing', () => undefined, /its compress returned undefined/],
  ];
  for (const [name, compress, details] of faults) {
    it(`ends the call if its compression ${name}`, () => {
      const broken = { ...GZIP, name: 'broken', compress: compress as Compression['compress'] };
      const { listener, transport } = send(broken, TEXT);
      expect(listener.events).to.deep.equal(['INTERNAL']);
      expect(listener.details).to.match(details);
      expect(transport.withdrawn).to.have.length(1);
    });
  }
});

describe('A compressed reply', () => {
  interface Case {
    readonly name: string;
    readonly head?: readonly string[];
    readonly octets: Uint8Array;
    readonly maxOctets?: number;
    readonly events: readonly string[];
    readonly details?: RegExp;
  }

  const cases: readonly Case[] = [
    { name: 'is decompressed', octets: frame(gzipSync(TEXT), 1), events: [`message ${HEX}`, 'OK'] },
    {
      name: 'may have blanks around the name of its encoding',
      head: [...GRPC_HEAD, 'grpc-encoding', ' gzip\t'],
      octets: frame(gzipSync(TEXT), 1),
      events: [`message ${HEX}`, 'OK'],
    },
    { name: 'may be one that is not', octets: frame(TEXT), events: [`message ${HEX}`, 'OK'] },
    { name: 'may be empty, compressed', octets: frame(gzipSync(''), 1), events: ['message ', 'OK'] },
    { name: 'may be no octets at all', octets: frame(0, 1), events: ['message ', 'OK'] },
    {
      name: 'may be as large as the limit',
      octets: frame(gzipSync(TEXT), 1),
      maxOctets: TEXT.length,
      events: [`message ${HEX}`, 'OK'],
    },
    {
      name: 'must not be one octet past the limit',
      octets: frame(gzipSync(TEXT), 1),
      maxOctets: TEXT.length - 1,
      events: ['RESOURCE_EXHAUSTED'],
      details: /^message of \d+ bytes in gzip is larger than maxReceiveMessageBytes 299 when decompressed$/,
    },
    {
      name: 'must not exceed the limit even before decompression',
      octets: frame(gzipSync(TEXT), 1),
      maxOctets: 10,
      events: ['RESOURCE_EXHAUSTED'],
      details: /^message of \d+ bytes exceeds maxReceiveMessageBytes 10$/,
    },
    {
      name: 'must be whole',
      octets: frame(gzipSync(TEXT).subarray(0, -1), 1),
      events: ['INTERNAL'],
      details: /cannot be decompressed with gzip: unexpected end of file/,
    },
    {
      name: 'needs an encoding',
      head: GRPC_HEAD,
      octets: frame(gzipSync(TEXT), 1),
      events: ['INTERNAL'],
      details: /marked compressed without a grpc-encoding/,
    },
    {
      name: 'needs one other than identity',
      head: [...GRPC_HEAD, 'grpc-encoding', 'identity'],
      octets: frame(gzipSync(TEXT), 1),
      events: ['INTERNAL'],
      details: /marked compressed without a grpc-encoding/,
    },
    {
      name: 'needs one that is accepted',
      head: [...GRPC_HEAD, 'grpc-encoding', 'x"y'],
      octets: frame(gzipSync(TEXT), 1),
      events: ['INTERNAL'],
      details:
        /compressed with "x\\"y", which this client does not accept; it accepts identity, gzip, deflate/,
    },
    {
      name: 'needs one named in lower case',
      head: [...GRPC_HEAD, 'grpc-encoding', 'GZIP'],
      octets: frame(gzipSync(TEXT), 1),
      events: ['INTERNAL'],
      details: /compressed with "GZIP", which this client does not accept/,
    },
    {
      name: 'may not come, whatever the encoding',
      head: [...GRPC_HEAD, 'grpc-encoding', 'snappy'],
      octets: frame(TEXT),
      events: [`message ${HEX}`, 'OK'],
    },
  ];
  for (const { name, head = IN_GZIP, octets, maxOctets = 1000, events, details } of cases) {
    it(name, () => {
      const { exchange, listener, stream } = makeExchange({ maxOctets });
      exchange.onHeaders(head, false);
      deliver(exchange, octets);
      if (listener.outcome === undefined) {
        exchange.onTrailers(OK);
        exchange.onEnd(COMPLETE);
      } else expect(stream.commands).to.deep.equal(['reset 8']);
      expect(listener.events.slice(1)).to.deep.equal(events);
      if (details !== undefined) expect(listener.details).to.match(details);
      if (!events.includes('RESOURCE_EXHAUSTED')) expect(stream.takenOctets).to.equal(octets.length);
    });
  }

  it('is decompressed when it is read, and what follows a bad one is not read', () => {
    const good = frame(gzipSync(TEXT), 1);
    const bad = frame(Uint8Array.of(1, 2, 3), 1);
    const { exchange, listener, stream } = makeExchange({ replies: 'many' });
    exchange.onHeaders(IN_GZIP, false);
    deliver(exchange, concat(good, bad, good));
    expect(listener.events).to.deep.equal(['headers']);
    expect(exchange.pull()).to.equal(true);
    expect(exchange.pull()).to.equal(true);
    expect(exchange.pull()).to.equal(false);
    expect(listener.events).to.deep.equal(['headers', `message ${HEX}`, 'INTERNAL']);
    expect(stream.takenOctets).to.equal(2 * good.length + bad.length);
  });
});
