// Requests of Bruno, in its own format (.bru). What it writes today is YAML: see bruno.ts.

import { type BruBlock, bruBlocks } from './bru-blocks.ts';
import { grpcTarget } from './bruno.ts';
import {
  addMetadata,
  type Imported,
  type ImportedRequest,
  type Lost,
  messagesOf,
  nameOfMethod,
  variableValue,
} from './imported.ts';

/** What says nothing to a file of requests. */
const PASSED_OVER = new Set(['meta', 'grpc', 'docs', 'settings']);
const GRPC_KEYS = new Set(['url', 'method', 'body', 'auth', 'methodType', 'protoPath']);

export function importBru(text: string, lost: Lost): Imported {
  const variables = new Map<string, unknown>();
  const blocks = bruBlocks(text, lost);
  const textOf = (block: string, key: string): string | undefined =>
    blocks.find(({ name }) => name === block)?.pairs.find((pair) => pair.key === key && !pair.isOff)?.value;
  const grpc = blocks.find(({ name }) => name === 'grpc');
  if (grpc === undefined) {
    const what = blocks.some(({ name }) => name === 'meta') ? 'a request' : 'a file of Bruno';
    lost(1, `${what} that is not gRPC`);
    return { requests: [], variables };
  }
  for (const { key, line } of grpc.pairs) if (!GRPC_KEYS.has(key)) lost(line, `grpc.${key}`);
  const lineOf = (key: string): number => grpc.pairs.find((pair) => pair.key === key)?.line ?? grpc.line;
  const metadata = new Map<string, readonly string[]>();
  const messages = blocks.flatMap((block) => partOf(block, metadata, variables, lost));
  const method = textOf('grpc', 'method') ?? '';
  if (method === '') {
    lost(grpc.line, 'a request without a method');
    return { requests: [], variables };
  }
  const protoPath = textOf('grpc', 'protoPath');
  const tags = blocks.find(({ name }) => name === 'meta')?.pairs.find(({ key }) => key === 'tags')?.items;
  const request: ImportedRequest = {
    name: textOf('meta', 'name') ?? nameOfMethod(method),
    target: grpcTarget(textOf('grpc', 'url') ?? '', lineOf('url'), lost),
    method: method.replace(/^\//, ''),
    messages,
    metadata,
    schema: protoPath === undefined || protoPath === '' ? undefined : { proto: [protoPath] },
    tags,
    description: descriptionOf(blocks),
  };
  return { requests: [request], variables };
}

/** Takes in a block; gives the messages that are in it. */
function partOf(
  { name, line, pairs }: BruBlock,
  metadata: Map<string, readonly string[]>,
  variables: Map<string, unknown>,
  lost: Lost,
): readonly unknown[] {
  if (name === 'body:grpc') {
    const content = pairs.find(({ key }) => key === 'content');
    return content === undefined ? [] : messagesOf(content.value, content.line, lost);
  }
  if (name === 'metadata') {
    for (const { key, value, isOff, line: at } of pairs) {
      if (isOff) lost(at, `the metadata '${key}', which is turned off`);
      else addMetadata(metadata, key, outdented(value), at, lost);
    }
  } else if (name === 'auth:bearer') {
    const token = pairs.find(({ key }) => key === 'token');
    if (token !== undefined)
      addMetadata(metadata, 'authorization', `Bearer ${token.value}`, token.line, lost);
  } else if (name === 'vars:pre-request') {
    for (const { key, value, isOff, line: at } of pairs) {
      if (isOff) lost(at, `the variable '${key}', which is turned off`);
      else variables.set(key, variableValue(key, value, at, lost));
    }
  } else if (!PASSED_OVER.has(name)) lost(line, `the block ${name}`);
  return [];
}

/** A text of several lines without its margin, as Bruno takes it. */
const outdented = (text: string): string => text.replace(/^\n|\n\s*$/g, '').replace(/^ {1,4}/gm, '');

function descriptionOf(blocks: readonly BruBlock[]): string | undefined {
  const text = blocks
    .find(({ name }) => name === 'docs')
    ?.text.replace(/^ {2}/gm, '')
    .trim();
  return text === '' ? undefined : text;
}
