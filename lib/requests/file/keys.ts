// The keys of files of requests. schema/requests.json has the same, and what they mean.

const CALL: readonly string[] = ['metadata', 'timeout', 'protocol', 'codec', 'compress'];

type Part = 'file' | 'schema' | 'call' | 'request' | 'expect' | 'timing';

export const KEYS: Readonly<Record<Part, readonly string[]>> = {
  file: ['$schema', 'description', 'target', 'schema', 'variables', 'tags', 'defaults', 'requests'],
  schema: ['proto', 'importPath', 'protoset', 'reflect'],
  call: CALL,
  request: [
    'name',
    'description',
    'tags',
    'target',
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
};
