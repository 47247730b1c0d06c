import { expect } from 'chai';
import { Client } from '../../lib/client.ts';
import { SchemaError } from '../../lib/errors.ts';
import type { ReflectionOptions } from '../../lib/options.ts';
import type { FileDescriptorProto } from '../../lib/schema/descriptor.ts';
import { closing, rejection } from '../support/closing.ts';
import { answersFrom, listenReflection, notFound, type ReflectionPeerOptions } from './reflection-peer.ts';
import { bytesOf } from './schema-files.ts';

/** `a0.proto` with a service, which imports `a1.proto`, which imports … */
function chain(length: number): FileDescriptorProto[] {
  return Array.from({ length }, (_, i): FileDescriptorProto => {
    const file = {
      name: `a${i}.proto`,
      syntax: 'proto3',
      dependency: i + 1 < length ? [`a${i + 1}.proto`] : [],
    };
    if (i > 0) return file;
    const method = [{ name: 'Go', inputType: '.M', outputType: '.M' }];
    return { ...file, messageType: [{ name: 'M' }], service: [{ name: 'S', method }] };
  });
}

describe('Limits on what a server may send by reflection', () => {
  const open = closing();

  async function call(
    answer: ReflectionPeerOptions['answer'],
    reflection: ReflectionOptions,
  ): Promise<unknown> {
    const peer = open(await listenReflection({ answer }));
    const client = open(new Client('127.0.0.1', peer.port, { reflection }));
    return client.request('/S/Go', {});
  }

  async function refusal(
    answer: ReflectionPeerOptions['answer'],
    reflection: ReflectionOptions,
  ): Promise<string> {
    const error = await rejection(call(answer, reflection));
    expect(error).to.be.instanceOf(SchemaError);
    return error.message;
  }

  it('maxFiles is of files in all', async () => {
    const answer = answersFrom(chain(5));
    await call(answer, { maxFiles: 5 });
    expect(await refusal(answer, { maxFiles: 4 })).to.include('exceed reflection.maxFiles 4');
  });

  it('maxFiles is of imports that are asked for, be they there or not', async () => {
    const [file] = chain(1);
    const dependency = ['b.proto', 'c.proto', 'd.proto'];
    const answer = answersFrom([{ ...file, dependency }]);
    await call(answer, { maxFiles: 3 });
    expect(await refusal(answer, { maxFiles: 2 })).to.include(
      '3 imports and more exceed reflection.maxFiles 2',
    );
  });

  it('maxDepth is of imports that come one by one', async () => {
    const answer = answersFrom(chain(5), { withImports: false });
    await call(answer, { maxDepth: 4 });
    expect(await refusal(answer, { maxDepth: 3 })).to.include('exceed reflection.maxDepth 3');
  });

  it('maxDepth ends a server that makes up an import for each file', async () => {
    let made = 0;
    const answer: ReflectionPeerOptions['answer'] = ({ fileByFilename }) => {
      const [first] = chain(1);
      const file = { ...first, ...(fileByFilename === undefined ? {} : { service: [], messageType: [] }) };
      const name = fileByFilename ?? 'a.proto';
      const more = { ...file, name, dependency: [`${++made}.proto`] };
      return { fileDescriptorResponse: { fileDescriptorProto: [bytesOf(more, [])] } };
    };
    expect(await refusal(answer, {})).to.include('reflection.maxDepth 100');
    expect(made).to.equal(101);
  });

  it('maxBytes is of all answers together', async () => {
    const files = chain(2);
    let bytes = 0;
    // Each answer is the framing of its fields around the bytes of one file.
    for (const file of files) bytes += 4 + bytesOf(file, files).length;
    const answer = answersFrom(files, { withImports: false });
    await call(answer, { maxBytes: bytes });
    expect(await refusal(answer, { maxBytes: bytes - 1 })).to.include(
      `${bytes} bytes and more exceed reflection.maxBytes ${bytes - 1}`,
    );
  });

  it('maxBytes is of one answer too, before it is read', async () => {
    const answer = answersFrom([{ ...chain(1)[0], package: 'x'.repeat(100) }]);
    const message = await refusal(answer, { maxBytes: 50 });
    expect(message).to.match(/message of \d+ bytes exceeds reflection\.maxBytes 50/);
  });

  it('maxServices is of services that are listed', async () => {
    const services = ['S', 'T', 'U'];
    const peer = open(await listenReflection({ answer: answersFrom(chain(1), { services }) }));
    const connect = (maxServices: number): Client =>
      open(new Client('127.0.0.1', peer.port, { reflection: { maxServices } }));
    const client = await connect(3).reflect();
    expect(client.services.map(({ name }) => name)).to.deep.equal(services);
    const error = await rejection(connect(2).reflect());
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.include('3 services and more exceed reflection.maxServices 2');
  });

  it('are for one question each: what was kept does not count', async () => {
    const service = (name: string): FileDescriptorProto => ({
      name: `${name}.proto`,
      syntax: 'proto3',
      messageType: [{ name: `M${name}` }],
      service: [{ name, method: [{ name: 'Go', inputType: `.M${name}`, outputType: `.M${name}` }] }],
    });
    const files = ['A', 'B', 'C'].map(service);
    const peer = open(await listenReflection({ answer: answersFrom(files) }));
    const client = open(new Client('127.0.0.1', peer.port, { reflection: { maxFiles: 1 } }));
    for (const name of ['A', 'B', 'C']) await client.request(`/${name}/Go`, {});
  });

  it('leave what was known before', async () => {
    const known = chain(1);
    const answer = answersFrom(known);
    let isHostile = false;
    const many = chain(20);
    const peer = open(
      await listenReflection({
        answer: (question) => (isHostile ? answersFrom(many)(question) : answer(question)),
      }),
    );
    const client = open(new Client('127.0.0.1', peer.port, { reflection: { maxFiles: 10 } }));
    await client.request('/S/Go', {});
    isHostile = true;
    expect((await rejection(client.reflect())).message).to.include('maxFiles');
    await client.request('/S/Go', {});
  });

  it('a server that lists nothing and knows nothing is within them', async () => {
    const message = await refusal(
      ({ listServices }) =>
        listServices === undefined ? notFound() : { listServicesResponse: { service: [] } },
      { maxFiles: 0, maxBytes: 1000, maxDepth: 0, maxServices: 0 },
    );
    expect(message).to.include('lists no services');
  });
});
