// A request held against the schema: its method, its messages and its patterns, and what is wrong with them, before
// anything is sent. What is not known before other requests have run is checked again when it is.

import { Client, type Metadata, type MethodDescription } from '../../index.ts';
import { compileMetadataPattern } from '../../schema/matching/metadata-pattern.ts';
import { compileListPattern, compilePattern, type Pattern } from '../../schema/matching/pattern.ts';
import { PatternError } from '../../schema/matching/pattern-error.ts';
import { compileStatusPattern, type Ending } from '../../schema/matching/status-pattern.ts';
import { setOwn } from '../../values/own-property.ts';
import { MapReader } from '../file/map-reader.ts';
import type { SavedRequest } from '../file/request-file.ts';
import { placeAtPath, type SourceFile, type SourceNode } from '../file/source-file.ts';
import { type Scope, TemplateProblem, UNKNOWN, valueIn } from '../file/template.ts';
import type { PreparedMessage } from './call-record.ts';
import { whyNoPath } from './capture.ts';
import { SNAPSHOT_KEYS } from './snapshot.ts';

/** A pattern, and the node that it was made of. */
export interface NodePattern<T> {
  readonly source: SourceFile;
  readonly node: SourceNode;
  readonly pattern: Pattern<T>;
}

export interface BoundRequest {
  readonly messages: readonly PreparedMessage[];
  readonly metadata: readonly (readonly [string, string | Uint8Array])[];
  readonly status: NodePattern<Ending> | undefined;
  readonly reply: NodePattern<unknown> | undefined;
  readonly replies: NodePattern<readonly unknown[]> | undefined;
  readonly headers: NodePattern<Metadata> | undefined;
  readonly trailers: NodePattern<Metadata> | undefined;
}

/** Something in the file that does not fit the schema, or has no value. */
export class BindingProblem extends Error {
  override readonly name = 'BindingProblem';
  readonly at: number;

  constructor(at: number, problem: string) {
    super(problem);
    this.at = at;
  }
}

type Tell = (at: number, problem: string) => void;

/**
 * Binds a request for a scope. Every mistake is told; what could be bound is returned.
 * @param scope gives UNKNOWN for what later turns up: a value with such a part is left out of messages, and matches anything
 */
export function bindRequest(
  client: Client,
  method: MethodDescription,
  request: SavedRequest,
  scope: Scope,
  tell: Tell,
  { source, snapshot }: Files,
): BoundRequest {
  const { expect } = request;
  checkShape(method, request, tell);
  const registry = Client.registryOf(client);
  const plan = registry.plan(method.replyType);
  const json = { json: true };
  const compiled = <T>(
    given: SourceNode | undefined,
    kept: SourceNode | undefined,
    compile: (pattern: unknown) => Pattern<T>,
  ): NodePattern<T> | undefined => {
    const node = given ?? kept;
    if (node === undefined) return undefined;
    const from = given === undefined && snapshot !== undefined ? snapshot.source : source;
    const tellThere: Tell = from === source ? tell : (at, problem) => from.wrong(at, problem);
    const value = attempt(node, tellThere, () => knownPattern(valueIn(node, scope)));
    if (value === undefined) return undefined;
    try {
      return { source: from, node, pattern: compile(value.value) };
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      tellThere(nodeAtKeys(node, error.keys), error.message);
      return undefined;
    }
  };
  const isStream = method.cardinality.endsWith('stream');
  const kept = snapshot === undefined ? undefined : keptPatterns(snapshot);
  return {
    messages: messagesOf(client, method, request, scope, tell),
    metadata: metadataOf(request, scope, tell),
    status: compiled(expect.status, kept?.node('status'), (pattern) =>
      compileStatusPattern(registry, pattern, json),
    ),
    reply: isStream
      ? undefined
      : compiled(expect.reply, kept?.node('reply'), (pattern) => compilePattern(plan, pattern, json)),
    replies: isStream
      ? compiled(expect.replies, kept?.node('replies'), (pattern) => compileListPattern(plan, pattern, json))
      : undefined,
    headers: compiled(expect.headers, undefined, (pattern) => compileMetadataPattern(pattern, json)),
    trailers: compiled(expect.trailers, undefined, (pattern) => compileMetadataPattern(pattern, json)),
  };
}

/** The file of the request, and what was kept of it before. */
export interface Files {
  readonly source: SourceFile;
  readonly snapshot: { readonly source: SourceFile; readonly node: SourceNode } | undefined;
}

function keptPatterns({ source, node }: NonNullable<Files['snapshot']>): MapReader | undefined {
  return MapReader.of(source, node, 'a snapshot', SNAPSHOT_KEYS);
}

/** What does not fit the kind of method. */
function checkShape(method: MethodDescription, request: SavedRequest, tell: Tell): void {
  const { cardinality, fullName } = method;
  const { expect, messages, isList } = request;
  if (isList && cardinality.startsWith('unary')) {
    const first = messages[0]?.node.at ?? request.at;
    tell(first, `${fullName} takes one message: write 'request', not 'requests'`);
  }
  const isStream = cardinality.endsWith('stream');
  if (isStream && expect.reply !== undefined) {
    tell(
      expect.reply.at,
      `${fullName} replies with a stream: write 'replies', a list of patterns, not 'reply'`,
    );
  }
  if (!isStream && expect.replies !== undefined) {
    tell(expect.replies.at, `${fullName} gives one reply: write 'reply', not 'replies'`);
  }
  for (const name of ['gap', 'quietFor'] as const) {
    const limit = expect[name];
    if (!isStream && limit !== undefined)
      tell(limit.at, `'${name}' is for streams; ${fullName} gives one reply`);
  }
}

/** A value without what is not known. Where that stands in a list, nothing can be said of the list. */
function knownPattern(value: unknown): unknown {
  if (value === UNKNOWN) return { $present: true };
  if (Array.isArray(value)) return value.map(knownPattern);
  return eachOf(value, knownPattern);
}

function knownFields(value: unknown): unknown {
  if (value === UNKNOWN) return undefined;
  if (Array.isArray(value)) return value.filter((item) => item !== UNKNOWN).map(knownFields);
  return eachOf(value, knownFields);
}

/** A mapping of the file; what stands for a number is none. */
function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function eachOf(value: unknown, change: (value: unknown) => unknown): unknown {
  if (!isRecord(value)) return value;
  const entries = Object.entries(value);
  // Most values have nothing unknown in them, and stay what they are.
  const changed = entries.map(([, item]) => change(item));
  if (changed.every((item, index) => item === entries[index][1])) return value;
  const object: Record<string, unknown> = {};
  for (const [index, [name]] of entries.entries()) {
    setOwn(object, name, changed[index]);
  }
  return object;
}

function messagesOf(
  client: Client,
  method: MethodDescription,
  request: SavedRequest,
  scope: Scope,
  tell: Tell,
): readonly PreparedMessage[] {
  return request.messages.flatMap(({ node, delayMs, afterReply }) => {
    const value = attempt(node, tell, () => knownFields(valueIn(node, scope)));
    if (value === undefined) return [];
    try {
      const fields = client.fromJson(method.requestType, value.value ?? {});
      return [{ fields, delayMs, afterReply }];
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      const { at, problem } = placedProblem(node, error.message);
      tell(at, problem);
      return [];
    }
  });
}

/** A mistake that begins with the path of a field, at that field. */
function placedProblem(node: SourceNode, message: string): { at: number; problem: string } {
  const end = message.indexOf(': ');
  const of = message.includes("has no field '") ? 'name' : 'value';
  return { at: end < 0 ? node.at : placeAtPath(node, message.slice(0, end), of), problem: message };
}

type MetadataEntry = readonly [string, string | Uint8Array];

function metadataOf(request: SavedRequest, scope: Scope, tell: Tell): readonly MetadataEntry[] {
  return request.metadata.flatMap(({ key, keyAt, value }) =>
    (value.kind === 'list' ? value.items : [value]).flatMap((item): readonly MetadataEntry[] => {
      const found = attempt(item, tell, () => valueIn(item, scope));
      if (found === undefined || found.value === UNKNOWN) return [];
      if (isRecord(found.value)) {
        tell(item.at, `the value of the metadata '${key}' is a message; it must be a text`);
        return [];
      }
      const name = key.toLowerCase();
      const text = String(found.value);
      if (!name.endsWith('-bin')) return [[name, text]];
      const bytes = base64(text);
      if (bytes === undefined) {
        tell(keyAt, `the metadata '${key}' is binary: its value must be base64`);
        return [];
      }
      return [[name, bytes]];
    }),
  );
}

function base64(text: string): Uint8Array | undefined {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(standard) || standard.length % 4 === 1) return undefined;
  return Buffer.from(standard, 'base64');
}

/** A value with its variables filled in; undefined, and told, where one of them has none. */
function attempt<T>(node: SourceNode, tell: Tell, make: () => T): { readonly value: T } | undefined {
  try {
    return { value: make() };
  } catch (error) {
    if (!(error instanceof TemplateProblem)) throw error;
    tell(error.at ?? node.at, error.message);
    return undefined;
  }
}

/** Where the keys and indexes lead to that a pattern's mistake names. */
function nodeAtKeys(root: SourceNode, keys: readonly (string | number)[]): number {
  let node = root;
  let at = root.at;
  for (const key of keys) {
    if (node.kind === 'list' && typeof key === 'number' && node.items[key] !== undefined) {
      node = node.items[key];
      at = node.at;
      continue;
    }
    const entry = node.kind === 'map' ? node.entries.find((one) => one.key === String(key)) : undefined;
    if (entry === undefined) break;
    node = entry.value;
    at = entry.keyAt;
  }
  return at;
}

/** Tells what of a request's captures cannot come. */
export function checkCaptures(
  client: Client,
  method: MethodDescription,
  request: SavedRequest,
  tell: Tell,
): void {
  for (const { name, at, from, path } of request.captures) {
    if (from !== 'reply') continue;
    const why = whyNoPath(client, method.replyType, method.cardinality.endsWith('stream'), path);
    if (why !== undefined) tell(at, `the capture '${name}': ${why}`);
  }
}

/** How many replies are expected, as far as the patterns say. */
export function expectedReplies({ expect }: SavedRequest): { readonly least: number; readonly most: number } {
  const node = expect.replies;
  if (node?.kind === 'list') return { least: node.items.length, most: node.items.length };
  let [least, most] = [0, Number.POSITIVE_INFINITY];
  for (const { key, value } of node?.kind === 'map' ? node.entries : []) {
    const count =
      value.kind === 'list' ? value.items.length : value.kind === 'scalar' ? value.value : undefined;
    if (typeof count !== 'number' || !['$unordered', '$contains', '$length'].includes(key)) continue;
    least = Math.max(least, count);
    if (key !== '$contains') most = Math.min(most, count);
  }
  return { least, most };
}
