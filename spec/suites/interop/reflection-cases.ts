// Interop cases of server reflection, which grpc's list has not: grpc-go speaks v1 and v1alpha, grpcio v1alpha only,
// grpc-java v1 only, and the grpc-js server has no reflection, as many have not.

import { expect } from 'chai';
import type { Client } from '../../../lib/index.ts';
import { SchemaError } from '../../../lib/index.ts';
import { collectFiles } from '../../../lib/schema/reflection/file-collection.ts';
import type { Invoke, StreamFailure } from '../../../lib/schema/reflection/invoke.ts';
import { Budget } from '../../../lib/schema/reflection/limits.ts';
import { ReflectionSession, type ReflectionVersion } from '../../../lib/schema/reflection/session.ts';
import { expectZeros, type InteropCase, type InteropContext, REQUEST_SIZES, zeros } from './interop-case.ts';
import type { InteropServerName } from './interop-server.ts';

const SERVICE = 'grpc.testing.TestService';

/** What each server speaks. */
const VERSIONS: Partial<Readonly<Record<InteropServerName, readonly ReflectionVersion[]>>> = {
  go: ['v1', 'v1alpha'],
  python: ['v1alpha'],
  java: ['v1'],
  connect: ['v1', 'v1alpha'],
  vanguard: ['v1', 'v1alpha'],
  grpcweb: ['v1', 'v1alpha'],
  envoy: ['v1', 'v1alpha'],
};

const versionsOf = (server: InteropServerName): readonly ReflectionVersion[] => VERSIONS[server] ?? [];

/** The case, for servers that have reflection; of others, that the error says so. */
function reflected(
  name: string,
  run: (client: Client, server: InteropServerName) => Promise<void>,
): InteropCase {
  return {
    name,
    async run({ connectBare, server }: InteropContext) {
      const client = connectBare();
      if (versionsOf(server).length > 0) await run(client, server);
      else await expectNone(client);
    },
  };
}

async function expectNone(client: Client): Promise<void> {
  const failures = await Promise.allSettled([
    client.reflect(),
    connectFailure(client, `${SERVICE}/EmptyCall`),
    connectFailure(client, 'EmptyCall'),
  ]);
  for (const failure of failures) {
    if (failure.status !== 'rejected') throw new Error('reflection was found where there is none');
    expect(failure.reason).to.be.instanceOf(SchemaError);
    expect(failure.reason.message).to.match(
      /has no reflection service(?: \(.*\))?; (?:or )?load .*client\.load\('….proto'\)$/,
    );
  }
}

/** Awaited apart, so that it does not wait for the failing `reflect`. */
async function connectFailure(client: Client, method: string): Promise<unknown> {
  return client.request(method, {});
}

async function fullName(client: Client): Promise<void> {
  const replies = await Promise.all([
    client.request(`${SERVICE}/UnaryCall`, { responseSize: 9, ...zeros(8) }),
    client.request(`/${SERVICE}/UnaryCall`, { responseSize: 9, ...zeros(8) }),
    client.request(`${SERVICE}.UnaryCall`, { responseSize: 9, ...zeros(8) }),
  ]);
  for (const reply of replies) expectZeros(reply, 9);
  expect(client.services.map((service) => service.fullName)).to.deep.equal([SERVICE]);
}

async function shortName(client: Client): Promise<void> {
  expect(await client.request('EmptyCall', {})).to.deep.equal({});
  const total = await client.request(
    'StreamingInputCall',
    REQUEST_SIZES.map((size) => zeros(size)),
  );
  expect(total.aggregatedPayloadSize).to.equal(74_922);
  const sizes = [31, 9];
  const call = client.request('streamingOutputCall', { responseParameters: sizes.map((size) => ({ size })) });
  for (const [i, reply] of (await call.toArray()).entries()) expectZeros(reply, sizes[i]);
}

async function everything(client: Client, server: InteropServerName): Promise<void> {
  await client.reflect();
  const names = client.services.map((service) => service.fullName);
  expect(names).to.include.members([SERVICE, 'grpc.health.v1.Health']);
  for (const version of versionsOf(server))
    expect(names).to.include(`grpc.reflection.${version}.ServerReflection`);
  for (const { fullName, unavailable, methods } of client.services) {
    expect(unavailable, fullName).to.equal(undefined);
    expect(methods, fullName).not.to.have.length(0);
  }
  expect(client.schemaDifferences).to.deep.equal([]);
  expect((await client.request('Check', {})).status).to.equal('SERVING');
}

async function unknown(client: Client): Promise<void> {
  for (const [name, said] of [
    ['grpc.testing.TestServic/EmptyCall', "did you mean 'grpc.testing.TestService.EmptyCall'"],
    ['EmptyCal', "did you mean 'grpc.testing.TestService.EmptyCall'"],
    ['somebody.Elses/Method', SERVICE],
  ]) {
    const error = await connectFailure(client, name).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(SchemaError);
    expect((error as SchemaError).message).to.include(said);
  }
}

async function besideFiles({ connect, server }: InteropContext): Promise<void> {
  const client = await connect();
  if (versionsOf(server).length === 0) return;
  await client.reflect();
  // grpc's own test.proto is newer or older than each server's; what was loaded is in force.
  const { loaded } = client.schemaDifferences[0] ?? { loaded: 'grpc/testing/' };
  expect(loaded).to.include('grpc/testing/');
  expect(await client.request('EmptyCall', {})).to.deep.equal({});
  expect((await client.request('grpc.health.v1.Health/Check', {})).status).to.equal('SERVING');
}

async function eachVersion(client: Client, server: InteropServerName): Promise<void> {
  for (const version of versionsOf(server)) {
    const budget = new Budget({
      maxBytes: 1e7,
      maxElements: 1e5,
      maxFiles: 100,
      maxDepth: 10,
      maxServices: 100,
    });
    const { signal } = new AbortController();
    const session = new ReflectionSession(
      rawInvoke(client),
      { waitForReady: false, timeoutMs: 1000, signal },
      { name: server, version },
      budget,
    );
    const nothing = { server, file: () => undefined, sent: () => undefined, fileOf: () => undefined };
    const { files, failures } = await collectFiles(
      session,
      [SERVICE, 'grpc.testing.Nothing'],
      nothing,
      budget,
    );
    session.close();
    expect([...failures.keys()]).to.deep.equal(['grpc.testing.Nothing']);
    expect(files.map(({ package: name }) => name)).to.include('grpc.testing');
    expect(files.at(-1)?.service?.map(({ name }) => name)).to.include('TestService');
  }
}

/** Reflection's calls by the public door. */
function rawInvoke(client: Client): Invoke {
  return (path) => {
    const call = client.raw(path, { cardinality: 'stream_stream' }).open();
    return {
      send: (request) => void call.write(request),
      async receive() {
        const bytes: Uint8Array | undefined = await call.read();
        if (bytes !== undefined) return { kind: 'message', bytes };
        const ended = { code: 0, codeName: 'OK', details: '', kind: 'status', isFromServer: true } as const;
        const failure: StreamFailure = { ...ended, error: undefined };
        return { kind: 'end', failure };
      },
      close: () => void call.end(),
    };
  };
}

export const REFLECTION_CASES: readonly InteropCase[] = [
  reflected('reflection_full_name', fullName),
  reflected('reflection_short_name', shortName),
  reflected('reflection_everything', everything),
  reflected('reflection_unknown_name', unknown),
  reflected('reflection_each_version', eachVersion),
  { name: 'reflection_beside_files', run: besideFiles },
];
