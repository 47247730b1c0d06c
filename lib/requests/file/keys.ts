// The keys of files of requests. schema/requests.json has the same, and what they mean.

const CALL: readonly string[] = ['metadata', 'timeout', 'protocol', 'codec', 'compress'];

type Part = 'file' | 'schema' | 'call' | 'request' | 'expect' | 'timing' | 'capture';

export const KEYS: Readonly<Record<Part, readonly string[]>> = {
  file: ['$schema', 'description', 'target', 'schema', 'variables', 'tags', 'defaults', 'requests'],
  schema: ['proto', 'importPath', 'protoset', 'reflect'],
  call: CALL,
  request: [
    'name',
    'description',
    'tags',
    'target',
    'schema',
    'method',
    'request',
    'requests',
    ...CALL,
    'parallel',
    'skip',
    'retry',
    'each',
    'expect',
    'capture',
  ],
  expect: ['status', 'reply', 'replies', 'headers', 'trailers', 'within', 'gap', 'quietFor', 'snapshot'],
  /** Of a message of a stream; no field begins with $. */
  timing: ['$delay', '$afterReply'],
  capture: ['path', 'header', 'trailer', 'secret'],
};

/** What other tools call a key, and what it is called here. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  address: ['target'],
  assert: ['expect'],
  asserts: ['expect'],
  body: ['request', 'reply'],
  captures: ['capture'],
  code: ['status'],
  data: ['request'],
  deadline: ['timeout'],
  endpoint: ['method'],
  error: ['status'],
  headers: ['metadata'],
  host: ['target'],
  message: ['request', 'reply'],
  messages: ['requests', 'replies'],
  response: ['reply'],
  responses: ['replies'],
  rpc: ['method'],
  server: ['target'],
  tests: ['requests'],
  url: ['target'],
  vars: ['variables'],
};

/** The key that is meant by another tool's name for it; undefined where none is. */
export function otherName(key: string, known: readonly string[]): string | undefined {
  const names = Object.hasOwn(OTHER_NAMES, key) ? OTHER_NAMES[key] : [];
  return names.find((one) => known.includes(one));
}

/** The first line of a file that is made, by which editors know its keys. */
export const SCHEMA_LINE =
  '# yaml-language-server: $schema=https://unpkg.com/stubless/schema/requests.json\n';
