// The same from CommonJS.
import { Client, RpcError, type Stream } from 'stubless';

import stubless = require('stubless');

import { TestServer } from 'stubless/testing';
import type { Api } from './api.js';

const server = new TestServer<Api>('clock.proto', {});
export const clientOfCommonJs: Client<Api> = new Client<Api>(server.channel);
export type StreamOfCommonJs = Stream<{ zone?: string }, { zone: string }>;
export const untyped: Client = new stubless.Client('127.0.0.1', 1);

export async function use(): Promise<string> {
  const reply = await clientOfCommonJs.request('clock.Clock/Now', { zone: 'UTC' });
  // @ts-expect-error: a string is no number
  const wrong: number = reply.zone;
  for await (const tick of clientOfCommonJs.request('clock.Clock/Tick', {})) {
    // @ts-expect-error: a string is no number
    const number: number = tick.zone;
    console.log(number);
  }
  return `${reply.zone}${wrong}`;
}

export function codeOf(error: unknown): number | undefined {
  return error instanceof RpcError ? error.code : undefined;
}

export class Named extends Client<Api> {
  readonly name = 'mine';
}
