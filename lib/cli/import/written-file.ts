// Imported requests as a file of requests: what all have in common is said once.

import { SCHEMA_LINE } from '../../requests/file/keys.ts';
import { JsonNumber } from '../../values/text/json-text.ts';
import { yamlOf } from '../client/yaml-text.ts';
import type { Imported, ImportedRequest } from './imported.ts';

export function writtenFile(
  imported: readonly Imported[],
  isStream: (request: ImportedRequest) => boolean,
): string {
  const requests = imported.flatMap((one) => one.requests);
  const common = <T>(of: (request: ImportedRequest) => T): T | undefined => {
    const [first, ...others] = requests.map(of);
    return others.every((one) => JSON.stringify(one) === JSON.stringify(first)) ? first : undefined;
  };
  const target = common((request) => request.target) ?? requests.find((request) => request.target)?.target;
  const schema = requests.find((request) => request.schema !== undefined)?.schema;
  const variables = Object.fromEntries(imported.flatMap((one) => [...one.variables]));
  const taken = new Set<string>();
  const file = {
    ...(target === undefined ? {} : { target }),
    ...(schema === undefined ? {} : { schema }),
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
    requests: requests.map((request) => ({
      name: freeName(request.name, taken),
      ...(request.description === undefined ? {} : { description: request.description }),
      ...(request.tags === undefined || request.tags.length === 0 ? {} : { tags: request.tags }),
      ...(request.target === undefined || request.target === target ? {} : { target: request.target }),
      method: request.method,
      ...metadataOf(request),
      ...(request.timeout === undefined ? {} : { timeout: request.timeout }),
      ...(request.retry === undefined ? {} : { retry: request.retry }),
      ...messagesOf(request, isStream(request)),
      ...(request.expect === undefined ? {} : { expect: asWritten(request.expect) }),
      ...(request.capture === undefined ? {} : { capture: request.capture }),
    })),
  };
  return `${SCHEMA_LINE}${yamlOf(file)}`;
}

function messagesOf({ messages }: ImportedRequest, isStream: boolean): object {
  const written = messages.map(asWritten);
  if (isStream) return { requests: written };
  return written.length === 0 ? {} : { request: written[0] };
}

function metadataOf({ metadata }: ImportedRequest): object {
  if (metadata.size === 0) return {};
  return {
    metadata: Object.fromEntries(
      Array.from(metadata, ([key, list]) => [key, list.length === 1 ? list[0] : list]),
    ),
  };
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name} ${count}`;
  taken.add(free);
  return free;
}

/** Numbers that JavaScript cannot hold are written with all their digits. */
function asWritten(value: unknown): unknown {
  if (value instanceof JsonNumber)
    return /^-?\d+$/.test(String(value)) ? BigInt(String(value)) : Number(value);
  if (Array.isArray(value)) return value.map(asWritten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asWritten(item)]));
}
