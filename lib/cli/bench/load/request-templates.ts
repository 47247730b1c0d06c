// The requests of a load: given once, checked once, made anew for each call where they have placeholders.

import { createHash } from 'node:crypto';
import type { Client, MethodDescription } from '../../../index.ts';
import { JsonNumber, parseJson } from '../../../values/text/json-text.ts';
import { UsageError } from '../../command/failure.ts';
import type { Io } from '../../command/io.ts';
import { type RequestSource, readsStdin, requestsOf } from '../../requests/request-messages.ts';
import { shapeOf } from './template-shape.ts';
import { compileTemplate, type TemplateContext } from './template-text.ts';

/** Makes the bytes of a message. */
export type RequestTemplate = (context: TemplateContext) => Uint8Array;

/** A request as data, which threads can be given. */
export interface GivenRequest {
  /** Its bytes; with placeholders, those of the first call. */
  readonly bytes: Uint8Array;
  /** Of one with placeholders: its ProtoJSON with them in it. */
  readonly json?: string;
}

/** Placeholders are tried with these before any call. */
const TRIAL: TemplateContext = { call: 0, message: 0 };

/** All requests that were given, at least one. Throws for an invalid message, as `call` does. */
export async function givenRequests(
  client: Client,
  method: MethodDescription,
  source: RequestSource,
  io: Io,
): Promise<GivenRequest[]> {
  if (readsStdin(source) && io.standardInput() === 'terminal') {
    throw new UsageError('bench reads its requests before the load starts: pipe them in, or give -d @FILE');
  }
  const shape = shapeOf(client, method.requestType);
  let json: string | undefined;
  const checked: RequestSource = {
    ...source,
    replace(value) {
      const fill = compileTemplate(value, shape);
      if (fill === undefined) return value;
      json = exactJson(value);
      return fill(TRIAL);
    },
  };
  const given: GivenRequest[] = [];
  for await (const { bytes } of requestsOf(client, method, checked, io)) {
    given.push(json === undefined ? { bytes } : { bytes, json });
    json = undefined;
  }
  return given.length > 0 ? given : [{ bytes: client.encode(method.requestType, {}) }];
}

/** What makes the requests, for a client with the same schema. */
export function requestTemplates(
  client: Client,
  { requestType }: MethodDescription,
  given: readonly GivenRequest[],
  allowUnknown: boolean,
): RequestTemplate[] {
  const shape = shapeOf(client, requestType);
  const options = { ignoreUnknown: allowUnknown };
  return given.map(({ bytes, json }) => {
    const fill = json === undefined ? undefined : compileTemplate(parseJson(json), shape);
    if (fill === undefined) return () => bytes;
    return (context) => client.encode(requestType, client.fromJson(requestType, fill(context), options));
  });
}

/** A hash by which the same requests are known elsewhere. */
export function hashOf(given: readonly GivenRequest[]): string {
  const hash = createHash('sha256');
  for (const { bytes, json } of given) {
    const content = json === undefined ? bytes : Buffer.from(json);
    hash.update(`${json === undefined ? 'bytes' : 'json'} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** JSON of what parseJson gives, with every digit of its numbers. */
function exactJson(value: unknown): string {
  if (value instanceof JsonNumber) return value.toString();
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${exactJson(one)}`);
  return `{${entries.join(',')}}`;
}
