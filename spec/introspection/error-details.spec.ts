import { join } from 'node:path';
import { expect } from 'chai';
import { Client } from '../../lib/client.ts';
import { RpcError } from '../../lib/rpc-error.ts';
import type { FieldDescriptorProto } from '../../lib/schema/descriptor.ts';
import { builtInFiles, decodeErrorDetails } from '../../lib/schema/error-details.ts';
import { loadProto, loadProtoSource } from '../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../lib/schema/registry.ts';
import { definitionsOf } from '../../lib/schema/symbol-table.ts';
import { closing, rejection } from '../support/closing.ts';
import { startPeer } from '../support/peer-process.ts';

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
    { type: 'RequestInfo', fields: { requestId: '1', servingData: '' } },
    { type: 'ResourceInfo', fields: { resourceType: 'a', resourceName: 'b', owner: '', description: '' } },
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
    const { files } = await loadProto(['google/rpc/error_details.proto', 'google/rpc/http.proto']);
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
