// From the tree of a file to what it says. Every mistake is told with its place; nothing is asked of a schema or a server.

import { KEYS } from './keys.ts';
import { MapReader } from './map-reader.ts';
import { NO_EXPECTATION, readExpectation } from './read-expectation.ts';
import type {
  CallSettings,
  Capture,
  RequestFile,
  RequestMessage,
  RowSource,
  SavedRequest,
  SchemaChoice,
} from './request-file.ts';
import { type MapEntry, nodeKind, type SourceFile, type SourceNode } from './source-file.ts';
import { VARIABLE_NAME } from './template.ts';

/** Of a file; more are not read. */
export const MAX_REQUESTS = 10_000;

/** What the tree of a file says. Mistakes are added to the file's list. */
export function readRequestFile(source: SourceFile, root: SourceNode): RequestFile {
  const empty = { source, target: undefined, schema: undefined, variables: [], requests: [] };
  const map = MapReader.of(source, root, 'a file of requests', KEYS.file);
  if (map === undefined) return empty;
  const tags = map.texts('tags') ?? [];
  const defaults = readDefaults(map);
  const variables = namedByUser(source, map.entries('variables', 'names and values'), 'variable');
  const items = map.list('requests', 'requests');
  map.text('description');
  map.needs(['requests'], "a file of requests needs 'requests', a list of them");
  if ((items?.length ?? 0) > MAX_REQUESTS) {
    source.wrong(
      map.keyAt('requests'),
      `${items?.length} requests are more than a file may have (${MAX_REQUESTS})`,
    );
    return empty;
  }
  const requests = (items ?? []).flatMap((node) => readRequest(source, node, tags, defaults) ?? []);
  checkNames(source, requests);
  return { source, target: templated(map, 'target'), schema: readSchema(map), variables, requests };
}

/** A text that may hold variables. */
function templated(map: MapReader, name: string): SourceNode | undefined {
  return map.text(name) === undefined ? undefined : map.node(name);
}

function readSchema(map: MapReader): SchemaChoice | undefined {
  const node = map.node('schema');
  if (node === undefined) return undefined;
  const schema = MapReader.of(map.file, node, "'schema'", KEYS.schema);
  if (schema === undefined) return undefined;
  const proto = schema.texts('proto') ?? [];
  const importPath = schema.texts('importPath') ?? [];
  const protoset = schema.texts('protoset') ?? [];
  if (importPath.length > 0 && proto.length === 0) {
    map.file.wrong(
      schema.keyAt('importPath'),
      "'importPath' is for the imports of 'proto', which is not there",
    );
  }
  return { at: schema.at, proto, importPath, protoset, reflect: schema.flag('reflect') };
}

function readDefaults(map: MapReader): CallSettings {
  const node = map.node('defaults');
  const none = {
    metadata: [],
    timeoutMs: undefined,
    protocol: undefined,
    codec: undefined,
    compress: undefined,
  };
  if (node === undefined) return none;
  const defaults = MapReader.of(map.file, node, "'defaults'", KEYS.call);
  return defaults === undefined ? none : readSettings(defaults, none);
}

function readSettings(map: MapReader, defaults: CallSettings): CallSettings {
  const own = map.entries('metadata', 'names and values');
  for (const { value, key } of own) checkMetadata(map.file, key, value);
  const names = new Set(own.map(({ key }) => key.toLowerCase()));
  return {
    metadata: [...defaults.metadata.filter(({ key }) => !names.has(key.toLowerCase())), ...own],
    timeoutMs: map.duration('timeout') ?? defaults.timeoutMs,
    protocol: map.choice('protocol', ['grpc', 'grpc-web', 'connect']) ?? defaults.protocol,
    codec: map.choice('codec', ['proto', 'json']) ?? defaults.codec,
    compress: map.choice('compress', ['gzip', 'deflate', 'br', 'zstd']) ?? defaults.compress,
  };
}

function checkMetadata(source: SourceFile, name: string, node: SourceNode): void {
  const items = node.kind === 'list' ? node.items : [node];
  const wrong = items.find((item) => item.kind !== 'scalar' || item.value === null);
  if (wrong !== undefined) {
    source.wrong(
      wrong.at,
      `the value of the metadata '${name}' must be a text, or a list of texts, not ${nodeKind(wrong)}`,
    );
  }
}

function readRequest(
  source: SourceFile,
  node: SourceNode,
  tags: readonly string[],
  defaults: CallSettings,
): SavedRequest | undefined {
  const map = MapReader.of(source, node, 'a request', KEYS.request);
  if (map === undefined) return undefined;
  const method = map.text('method');
  map.needs(['method'], "a request needs 'method', such as helloworld.Greeter/SayHello");
  map.notBoth('request', 'requests', 'the first is for methods that take one message');
  const settings = readSettings(map, defaults);
  const expect = map.node('expect');
  const request: SavedRequest = {
    ...settings,
    name: map.text('name') ?? method ?? '',
    at: map.at,
    description: map.text('description'),
    tags: [...new Set([...tags, ...(map.texts('tags') ?? [])])],
    method: method ?? '',
    methodAt: map.node('method')?.at ?? map.at,
    target: templated(map, 'target'),
    schema: readSchema(map),
    isList: map.has('requests'),
    messages: readMessages(map),
    isParallel: map.flag('parallel') ?? false,
    skip: readSkip(map),
    retry: map.count('retry', 1),
    each: readRows(map),
    expect: expect === undefined ? { ...NO_EXPECTATION, at: map.at } : readExpectation(source, expect),
    captures: readCaptures(map),
  };
  return method === undefined ? undefined : request;
}

function readSkip(map: MapReader): string | undefined {
  const node = map.node('skip');
  if (node?.kind === 'scalar' && typeof node.value === 'boolean')
    return node.value ? 'skip: true' : undefined;
  return map.text('skip');
}

function readMessages(map: MapReader): readonly RequestMessage[] {
  const one = map.node('request');
  if (one !== undefined) return [{ node: one, delayMs: 0, afterReply: 0 }];
  return (map.list('requests', 'messages') ?? []).map((node) => readMessage(map.file, node));
}

/** A message of a stream; keys that begin with $ are no fields, and say when it is sent. */
function readMessage(file: SourceFile, node: SourceNode): RequestMessage {
  if (node.kind !== 'map') return { node, delayMs: 0, afterReply: 0 };
  const isTiming = ({ key }: MapEntry): boolean => key.startsWith('$');
  const timing = new MapReader(
    file,
    { ...node, entries: node.entries.filter(isTiming) },
    'a message of a stream',
    KEYS.timing,
  );
  return {
    node: { ...node, entries: node.entries.filter((entry) => !isTiming(entry)) },
    delayMs: timing.duration('$delay') ?? 0,
    afterReply: timing.count('$afterReply', 1) ?? 0,
  };
}

function readRows(map: MapReader): RowSource | undefined {
  const node = map.node('each');
  if (node === undefined) return undefined;
  if (node.kind === 'list') {
    const rows = node.items.map((item) => {
      if (item.kind === 'map') return namedByUser(map.file, item.entries, 'variable');
      map.file.wrong(item.at, `a row of 'each' is a mapping of names and values, not ${nodeKind(item)}`);
      return [];
    });
    if (rows.length === 0) map.file.wrong(node.at, "'each' has no rows, so the request would never be sent");
    return { at: node.at, rows };
  }
  const source = MapReader.of(map.file, node, "'each'", ['csv', 'jsonl']);
  if (source === undefined) return undefined;
  source.notBoth('csv', 'jsonl', 'rows come from one file');
  const form = source.has('csv') ? 'csv' : 'jsonl';
  const file = source.text(form);
  source.needs(['csv', 'jsonl'], "'each' needs a list of rows, or a file: csv or jsonl");
  return file === undefined ? undefined : { at: source.node(form)?.at ?? node.at, file, form };
}

function readCaptures(map: MapReader): readonly Capture[] {
  const entries = namedByUser(map.file, map.entries('capture', 'names and what they are'), 'capture');
  return entries.flatMap((entry) => readCapture(map.file, entry) ?? []);
}

function readCapture(file: SourceFile, { key, keyAt, value }: MapEntry): Capture | undefined {
  if (value.kind === 'scalar' && typeof value.value === 'string') {
    return { name: key, at: keyAt, from: 'reply', path: value.value, isSecret: undefined };
  }
  const reader = MapReader.of(file, value, `the capture '${key}'`, KEYS.capture);
  if (reader === undefined) return undefined;
  const places = ['path', 'header', 'trailer'] as const;
  const [given, another] = places.filter((one) => reader.has(one));
  if (another !== undefined) reader.notBoth(given, another, 'a value comes from one of them');
  reader.needs(
    places,
    `the capture '${key}' needs a path in the reply, or { header: name }, or { trailer: name }`,
  );
  const isSecret = reader.flag('secret');
  const path = given === undefined ? undefined : reader.text(given);
  if (path === undefined) return undefined;
  return given === 'path'
    ? { name: key, at: keyAt, from: 'reply', path, isSecret }
    : { name: key, at: keyAt, from: given ?? 'header', path: path.toLowerCase(), isSecret };
}

/** Entries whose names are variables. */
function namedByUser(source: SourceFile, entries: readonly MapEntry[], what: string): readonly MapEntry[] {
  return entries.filter(({ key, keyAt }) => {
    if (VARIABLE_NAME.test(key)) return true;
    source.wrong(
      keyAt,
      `'${key}' cannot be the name of a ${what}: letters, digits, '_', '-' and '.', beginning with a letter`,
    );
    return false;
  });
}

/** Requests are called by their names, so each has its own. */
function checkNames(source: SourceFile, requests: readonly SavedRequest[]): void {
  const seen = new Map<string, SavedRequest>();
  for (const request of requests) {
    const before = seen.get(request.name);
    if (before === undefined) seen.set(request.name, request);
    else {
      const { line } = source.placeOf(before.at);
      const { name, method } = request;
      source.wrong(
        request.at,
        name === method
          ? `this request is called '${name}', after its method, and so is the one in line ${line}; give it a 'name'`
          : `the name '${name}' was given to the request in line ${line}; each needs its own`,
      );
    }
  }
}
