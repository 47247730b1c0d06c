// What a request is expected to lead to, out of its tree. Patterns stay nodes: what they mean is for the schema to say.

import { KEYS } from './keys.ts';
import { MapReader } from './map-reader.ts';
import type { Expectation } from './request-file.ts';
import type { SourceFile, SourceNode } from './source-file.ts';

/** That the call succeeds, and nothing else. */
export const NO_EXPECTATION: Expectation = {
  at: 0,
  status: undefined,
  reply: undefined,
  replies: undefined,
  headers: undefined,
  trailers: undefined,
  within: undefined,
  gap: undefined,
  quietFor: undefined,
  snapshot: false,
  snapshotAt: 0,
};

export function readExpectation(source: SourceFile, node: SourceNode): Expectation {
  const map = MapReader.of(source, node, "'expect'", KEYS.expect);
  if (map === undefined) return { ...NO_EXPECTATION, at: node.at };
  map.notBoth('reply', 'snapshot', 'a snapshot is a pattern for the reply');
  map.notBoth('replies', 'snapshot', 'a snapshot is a pattern for the replies');
  map.notBoth('reply', 'replies', 'a method gives one reply, or a stream of them');
  for (const name of ['headers', 'trailers'] as const) map.entries(name, 'names and patterns');
  const limit = (name: 'within' | 'gap' | 'quietFor') => {
    const ms = map.duration(name);
    return ms === undefined ? undefined : { at: map.keyAt(name), ms };
  };
  return {
    at: map.at,
    status: map.node('status'),
    reply: map.node('reply'),
    replies: map.node('replies'),
    headers: map.node('headers'),
    trailers: map.node('trailers'),
    within: limit('within'),
    gap: limit('gap'),
    quietFor: limit('quietFor'),
    snapshot: map.flag('snapshot') ?? false,
    snapshotAt: map.keyAt('snapshot'),
  };
}
