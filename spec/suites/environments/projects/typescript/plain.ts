// What a program's types say, from a program that is compiled as TypeScript was for years: to CommonJS, and without "exports". Each line with an error is one that the compiler has to find.
import { Call, Client, type Interceptor, Metadata, RpcError, StatusCode, type Stream } from 'stubless';
import { rpcError, TestServer } from 'stubless/testing';
import type { Api } from './api';

function codeOf(error: unknown): number | undefined {
  return error instanceof RpcError ? error.code : undefined;
}
export class Named extends Client<Api> {
  readonly name = 'mine';
}

export async function main(): Promise<unknown[]> {
  const server = new TestServer<Api>('clock.proto', {
    'clock.Clock/Now': ({ zone }) => ({ zone: zone ?? '' }),
  });
  const client = new Client<Api>(server.channel, { interceptors: [] satisfies Interceptor[] });
  const reply: { zone: string } = await client.request('clock.Clock/Now', { zone: 'UTC' });
  // @ts-expect-error: a string is no number
  const wrong: number = (await client.request('clock.Clock/Now', { zone: 'UTC' })).zone;
  const ticks = client.request('clock.Clock/Tick', { zone: 'UTC' });
  for await (const tick of ticks) {
    const text: string = tick.zone;
    // @ts-expect-error: a string is no number
    const number: number = tick.zone;
    console.log(text, number);
  }
  const values: { zone: string }[] = await ticks.toArray();
  const stream: Stream = ticks;
  const call: typeof Call = Call;

  console.log(codeOf(rpcError('NOT_FOUND', 'x')) === StatusCode.NOT_FOUND, new Metadata({ a: 'b' }), values);

  const mine = new Named(server.channel);
  console.log(mine.name);
  return [reply, wrong, stream, call];
}
