import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { Client } from '../../../lib/client/client.ts';
import { unknownFieldsOf } from '../../../lib/schema/codec/unknown-field-list.ts';
import type { FieldDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { definitionsOf } from '../../../lib/schema/descriptors/symbol-table.ts';
import { loadProto, loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { builtInFiles, decodeErrorDetails } from '../../../lib/schema/registry/error-details.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { toText } from '../../../lib/schema/text/text-format.ts';
import { RpcError } from '../../../lib/values/rpc-error.ts';
import { closing, rejection } from '../../support/closing.ts';
import { startPeer } from '../../support/peers/peer-process.ts';

const TYPE = 'type.googleapis.com/';

/** The octets of a google.rpc.Status, by the bundled schema. */
async function statusOctets(details: readonly unknown[], code = 3): Promise<Buffer> {
  const registry = new Registry();
  const { files } = await loadProto(['google/rpc/status.proto', 'google/rpc/error_details.proto']);
  registry.add(files, 'bundled');
  const { bytes, start, end } = registry
    .message('google.rpc.Status')
    .encode({ code, message: 'from the details', details }, 0);
  return Buffer.from(bytes.subarray(start, end));
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('error details (google.rpc.Status in grpc-status-details-bin)', () => {
  const known = [
    {
      type: 'BadRequest',
      fields: { fieldViolations: [{ field: 'name', description: 'is empty' }] },
    },
    { type: 'ErrorInfo', fields: { reason: 'QUOTA', domain: 'example.com', metadata: { a: 'b' } } },
    { type: 'DebugInfo', fields: { stackEntries: ['one', 'two'], detail: 'x' } },
    { type: 'RequestInfo', fields: { requestId: '1' } },
    { type: 'ResourceInfo', fields: { resourceType: 'a', resourceName: 'b' } },
    { type: 'Help', fields: { links: [{ description: 'a', url: 'https://example.com' }] } },
    { type: 'LocalizedMessage', fields: { locale: 'de', message: 'Nein' } },
    {
      type: 'PreconditionFailure',
      fields: { violations: [{ type: 'TOS', subject: 's', description: 'd' }] },
    },
  ];
  for (const { type, fields } of known) {
    it(`have google.rpc.${type} without its schema being loaded`, async () => {
      const octets = await statusOctets([{ '@type': `${TYPE}google.rpc.${type}`, ...fields }]);
      const { details, problem } = decodeErrorDetails(octets, new Registry());
      expect(plain(details)).to.deep.equal([{ '@type': `${TYPE}google.rpc.${type}`, ...fields }]);
      expect(problem).to.equal(undefined);
    });
  }

  it('have durations that know their milliseconds, and the value options in force', async () => {
    const octets = await statusOctets([
      { '@type': `${TYPE}google.rpc.RetryInfo`, retryDelay: '1.5s' },
      { '@type': `${TYPE}google.rpc.QuotaFailure`, violations: [{ quotaValue: 5 }] },
    ]);
    const { details } = decodeErrorDetails(octets, new Registry({ longs: String, keepCase: true }));
    const [retry, quota] = details;
    expect(retry['retry_delay'].toMilliseconds()).to.equal(1500);
    expect(quota['violations'][0].quota_value).to.equal('5');
  });

  it('have the types of the loaded schema', async () => {
    const registry = new Registry();
    const { files } = await loadProtoSource(
      'syntax = "proto3"; package a; message B { string c = 1; }',
      'a.proto',
    );
    registry.add(files, 'here');
    const octets = await statusOctets([{ '@type': `${TYPE}a.B`, value: Buffer.from('0a0178', 'hex') }]);
    const { details } = decodeErrorDetails(octets, registry);
    expect(details).to.deep.equal([{ '@type': `${TYPE}a.B`, c: 'x' }]);
  });

  it('have the bytes of a type that nobody knows', async () => {
    const octets = await statusOctets([{ '@type': `${TYPE}a.B`, value: Buffer.from('x') }]);
    const { details, problem } = decodeErrorDetails(octets, new Registry());
    expect(details).to.deep.equal([{ '@type': `${TYPE}a.B`, value: Buffer.from('x') }]);
    expect(problem).to.equal(undefined);
  });

  describe('are messages, as an Any of a reply is', () => {
    const SOURCE = `syntax = "proto3"; package acme;
      import "google/protobuf/duration.proto"; import "google/protobuf/any.proto";
      message Quota { int64 left = 1; bytes key = 2; string note = 3; google.protobuf.Duration wait = 4;
        enum Kind { NONE = 0; DAILY = 1; } Kind kind = 5; double rate = 6; google.protobuf.Any more = 7;
        map<string, uint64> by = 8; }`;
    const registry = new Registry();
    const bytesOf = (type: string, fields: object): Buffer => {
      const { bytes, start, end } = registry.message(type).encode(fields, 0);
      return Buffer.from(bytes.subarray(start, end));
    };
    const detailsOf = async (type: string, value: Uint8Array) =>
      decodeErrorDetails(await statusOctets([{ '@type': `${TYPE}${type}`, value }]), registry);

    before(async () => {
      registry.add((await loadProtoSource(SOURCE, 'acme.proto')).files, 'here');
    });

    const nested = { '@type': `${TYPE}acme.Quota`, left: '1' };
    const rows: readonly (readonly [string, object, object])[] = [
      ['64-bit numbers', { left: 9007199254740993n }, { left: '9007199254740993' }],
      ['octets', { key: Buffer.from([255, 254]) }, { key: '//4=' }],
      ['a Duration', { wait: { seconds: 1, nanos: 5 } }, { wait: '1.000000005s' }],
      ['an enum', { kind: 1 }, { kind: 'DAILY' }],
      ['a number that JSON does not have', { rate: Infinity }, { rate: 'Infinity' }],
      ['a map', { by: { k: 1 } }, { by: { k: '1' } }],
      ['defaults', { note: '', left: 0 }, {}],
      ['an Any inside', { more: nested }, { more: nested }],
    ];
    for (const [name, fields, json] of rows) {
      it(`in JSON, with ${name}`, async () => {
        const { details, problem } = await detailsOf('acme.Quota', bytesOf('acme.Quota', fields));
        expect(problem).to.equal(undefined);
        expect(plain(details)).to.deep.equal([{ '@type': `${TYPE}acme.Quota`, ...json }]);
      });
    }

    it('in JSON, of types that are built in, well known, and unknown', async () => {
      const of = async (type: string, hex: string) =>
        plain((await detailsOf(type, Buffer.from(hex, 'hex'))).details[0]);
      expect(await of('google.rpc.QuotaFailure', '0a023805')).to.deep.equal({
        '@type': `${TYPE}google.rpc.QuotaFailure`,
        violations: [{ quotaValue: '5' }],
      });
      const duration = { '@type': `${TYPE}google.protobuf.Duration`, value: '3s' };
      expect(plain(decodeErrorDetails(await statusOctets([duration]), registry).details)).to.deep.equal([
        duration,
      ]);
      expect(await of('nobody.Knows', '6869')).to.deep.equal({
        '@type': `${TYPE}nobody.Knows`,
        value: 'aGk=',
      });
    });

    it('with the fields that their types do not know', async () => {
      for (const type of ['google.rpc.LocalizedMessage', 'acme.Quota']) {
        const { details } = await detailsOf(type, Buffer.from('a00605', 'hex'));
        const [detail] = details;
        expect(unknownFieldsOf(detail), type).to.deep.equal([{ number: 100, wireType: 'varint', value: 5n }]);
        expect(registry.toJson(detail, undefined, { unknownFields: true }), type).to.deep.equal({
          '@type': `${TYPE}${type}`,
          '@unknown': [{ number: 100, varint: '5' }],
        });
        const again = registry.message('acme.Quota').encode({ more: detail }, 0);
        const octets = Buffer.from(again.bytes.subarray(again.start, again.end));
        expect(octets.toString('hex'), type).to.match(/1203a00605$/);
      }
    });

    it('in text format and as values of fields, whether or not Any is loaded', async () => {
      const octets = await statusOctets([
        { '@type': `${TYPE}google.rpc.QuotaFailure`, violations: [{ quotaValue: 5 }] },
      ]);
      for (const schema of [registry, new Registry()]) {
        const [detail] = decodeErrorDetails(octets, schema).details;
        const text = toText(schema, 'google.protobuf.Any', detail);
        expect(text.replace(/\s+/g, ' ')).to.equal(
          '[type.googleapis.com/google.rpc.QuotaFailure] { violations { quota_value: 5 } } ',
        );
        expect(schema.toJson(detail, 'google.protobuf.Any')).to.deep.equal(plain(detail));
        expect(schema.toJson(detail)).to.deep.equal(plain(detail));
        expect(JSON.parse(schema.toJsonText(detail, 'google.protobuf.Any'))).to.deep.equal(plain(detail));
      }
      const [detail] = decodeErrorDetails(octets, registry).details;
      const carried = registry.message('acme.Quota').encode({ more: detail }, 0);
      const quota = registry.message('acme.Quota').decode(carried.bytes, carried.start, carried.end);
      const { more } = quota as { more: { '@type': string; value: Uint8Array } };
      expect(more['@type']).to.equal(`${TYPE}google.rpc.QuotaFailure`);
      expect(Buffer.from(more.value).toString('hex')).to.equal('0a023805');
    });
  });

  it('are those that can be read when one is broken, with a note of the other', async () => {
    const octets = await statusOctets([
      { '@type': `${TYPE}google.rpc.Help`, links: [{ url: 'u' }] },
      { '@type': `${TYPE}google.rpc.RetryInfo`, value: Buffer.from('0aff', 'hex') },
    ]);
    const { details, problem } = decodeErrorDetails(octets, new Registry());
    expect(details.map((detail) => detail['@type'])).to.deep.equal([
      `${TYPE}google.rpc.Help`,
      `${TYPE}google.rpc.RetryInfo`,
    ]);
    expect(details[1]['value']).to.deep.equal(Buffer.from('0aff', 'hex'));
    expect(problem).to.match(/google\.rpc\.RetryInfo: .*truncated/);
  });

  it('are empty, with a note, when the octets are no Status', () => {
    const { details, problem } = decodeErrorDetails(Buffer.from('ffff', 'hex'), new Registry());
    expect(details).to.deep.equal([]);
    expect(problem).to.match(/^grpc-status-details-bin: not a valid google\.rpc\.Status/);
  });

  describe('have a limit', () => {
    const DETAIL_BYTES = 512 * 1024;
    /** What a DebugInfo takes beside its octets, by estimate. */
    const DEBUG_INFO_BYTES = 80;
    const debugInfo = (octets: number): object => {
      const tagAndLength = 1 + 3;
      return { '@type': `${TYPE}google.rpc.DebugInfo`, detail: 'x'.repeat(octets - tagAndLength) };
    };
    const retryInfo = { '@type': `${TYPE}google.rpc.RetryInfo`, retryDelay: '1s' };
    const largest = debugInfo(DETAIL_BYTES - DEBUG_INFO_BYTES);
    const tooLarge = debugInfo(DETAIL_BYTES - DEBUG_INFO_BYTES + 1);
    const isDecoded = (detail: object): boolean => !('value' in detail);

    it('of memory for one, past which it is left as bytes, and those beside it are read', async () => {
      const octets = await statusOctets([tooLarge, largest, retryInfo]);
      const { details, problem } = decodeErrorDetails(octets, new Registry());
      expect(details.map(isDecoded)).to.deep.equal([false, true, true]);
      expect(details[0]['value']).to.have.length(DETAIL_BYTES - DEBUG_INFO_BYTES + 1);
      expect(problem)
        .to.include('google.rpc.DebugInfo: left as bytes')
        .and.include('MAX_ERROR_DETAIL_BYTES 524288');
    });

    it('of memory for all', async () => {
      for (const [given, count] of [
        [[largest, largest, largest, largest], 4],
        [[largest, largest, largest, largest, retryInfo, retryInfo], 4],
      ] as const) {
        const { details, problem } = decodeErrorDetails(await statusOctets(given), new Registry());
        expect(details).to.have.length(given.length);
        expect(details.filter(isDecoded)).to.have.length(count);
        expect(problem).to.equal(
          given.length === count
            ? undefined
            : '2 details are left as bytes, past MAX_ERROR_DETAILS_BYTES 2097152',
        );
      }
    });

    it('of number', async () => {
      for (const [count, expected] of [
        [1000, undefined],
        [1001, '1 detail is left as bytes, past MAX_DECODED_DETAILS 1000'],
      ] as const) {
        const octets = await statusOctets(new Array(count).fill(retryInfo));
        const { details, problem } = decodeErrorDetails(octets, new Registry());
        expect(details).to.have.length(count);
        expect(details.filter(isDecoded)).to.have.length(1000);
        expect(problem).to.equal(expected);
      }
    });

    it('of what is told of those that cannot be read', async () => {
      const broken = { '@type': `${TYPE}google.rpc.Help`, value: Buffer.of(0xff) };
      const octets = await statusOctets(new Array(12).fill(broken));
      const { details, problem } = decodeErrorDetails(octets, new Registry());
      expect(details).to.have.length(12);
      expect(problem?.match(/truncated/g)).to.have.length(10);
      expect(problem).to.match(/; 2 more details cannot be read$/);
    });

    it('of memory for the list, which is more than 64 KiB of trailers can hold', () => {
      const smallest = Uint8Array.of(0x1a, 3, 0x12, 1, 0);
      const usual = decodeErrorDetails(Buffer.alloc(65_535, smallest), new Registry());
      expect(usual.details).to.have.length(65_535 / 5);
      const { details, problem } = decodeErrorDetails(Buffer.alloc(4_000_000, smallest), new Registry());
      expect(details).to.deep.equal([]);
      expect(problem).to.match(/^grpc-status-details-bin: 4000000 octets .* MAX_STATUS_BYTES 3145728$/);
    });

    it('by what a schema makes of a few octets', async () => {
      const fields = Array.from({ length: 18_000 }, (_, i) => `repeated int32 f${i} = ${i + 1};`).join(' ');
      const source = `syntax = "proto3"; package t; message L { repeated W w = 1; } message W { ${fields} }`;
      const registry = new Registry();
      registry.add((await loadProtoSource(source, 't.proto')).files, 't.proto');
      const value = Buffer.alloc(3000, Uint8Array.of(0x0a, 0));
      const { details, problem } = decodeErrorDetails(
        await statusOctets([{ '@type': 'x/t.L', value }, retryInfo]),
        registry,
      );
      expect(details.map(isDecoded)).to.deep.equal([false, true]);
      expect(problem).to.include('x/t.L: left as bytes');
    });
  });

  it('are built in as the bundled files define them', async () => {
    const shapes = async (files: Iterable<Parameters<typeof definitionsOf>[0]>) => {
      const found = new Map<string, unknown>();
      for (const file of files) {
        for (const { kind, fullName, proto } of definitionsOf(file)) {
          if (kind !== 'message' || proto.options?.['mapEntry'] === true) continue;
          const fields = (proto.field ?? []).map(
            ({ name, number, label, type, typeName, proto3Optional }: FieldDescriptorProto) => ({
              name,
              number,
              label,
              type,
              typeName,
              proto3Optional,
            }),
          );
          found.set(fullName, fields);
        }
      }
      return found;
    };
    const { files } = await loadProto([
      'google/rpc/error_details.proto',
      'google/rpc/http.proto',
      'google/protobuf/any.proto',
    ]);
    const bundled = await shapes(files.map((proto) => ({ proto, origin: 'bundled' })));
    const own = await shapes(builtInFiles().map((proto) => ({ proto, origin: 'built in' })));
    expect(Object.fromEntries(own)).to.deep.equal(Object.fromEntries(bundled));
  });

  describe('of a failed call', () => {
    const open = closing();

    async function failing(trailers: Readonly<Record<string, Buffer>>): Promise<RpcError> {
      const failure = { code: 5, details: 'no such user', trailers };
      const { port } = open(await startPeer('greeter', { failure }));
      const client = open(new Client('127.0.0.1', port));
      await client.load('helloworld.proto', { includeDirs: [join(process.cwd(), 'protos')] });
      const error = await rejection(client.request('SayHello', { name: 'you' }));
      if (!RpcError.is(error)) throw error;
      return error;
    }

    it('are in errorDetails, and do not change its code or text', async () => {
      const octets = await statusOctets([{ '@type': `${TYPE}google.rpc.ErrorInfo`, reason: 'GONE' }], 13);
      const error = await failing({ 'grpc-status-details-bin': octets });
      expect(error.code).to.equal(5);
      expect(error.message).to.equal('NOT_FOUND: no such user');
      expect(error.errorDetails[0]['reason']).to.equal('GONE');
      expect(error.errorDetails).to.equal(error.errorDetails);
    });

    it('are shown by console.log, with their 64-bit numbers and octets', async () => {
      const octets = await statusOctets([
        { '@type': `${TYPE}google.rpc.QuotaFailure`, violations: [{ quotaValue: 9007199254740993n }] },
        { '@type': `${TYPE}nobody.Knows`, value: Buffer.from('hi') },
      ]);
      const error = await failing({ 'grpc-status-details-bin': octets });
      const printed = inspect(error, { depth: 5 });
      expect(printed).to.match(/^RpcError: NOT_FOUND: no such user\n/);
      expect(printed)
        .to.match(/errorDetails: \[/)
        .and.include('quotaValue: 9007199254740993n');
      expect(printed).to.include('<Buffer 68 69>').and.include('code: 5');
      // The error itself is as it was.
      expect(Object.keys(error)).to.not.include('errorDetails');
      expect(JSON.parse(JSON.stringify(error.errorDetails))[0].violations[0].quotaValue).to.equal(
        '9007199254740993',
      );
    });

    it('never hide the error when they are broken', async () => {
      const error = await failing({ 'grpc-status-details-bin': Buffer.from('0c', 'hex') });
      expect(error.code).to.equal(5);
      expect(error.errorDetails).to.deep.equal([]);
      expect(error.errorDetailsProblem).to.match(/grpc-status-details-bin/);
    });

    it('are empty when the server sends none', async () => {
      const error = await failing({});
      expect(error.errorDetails).to.deep.equal([]);
      expect(error.errorDetailsProblem).to.equal(undefined);
    });
  });
});
