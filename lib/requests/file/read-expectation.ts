// What a request is expected to lead to, out of its tree. Patterns stay nodes: what they mean is for the schema to say.

import { MapReader } from './map-reader.ts';
import type { Expectation } from './request-file.ts';
import type { SourceFile, SourceNode } from './source-file.ts';

const EXPECT_KEYS = [
  'status',
  'reply',
  'replies',
  'headers',
  'trailers',
  'within',
  'gap',
  'quietFor',
] as const;

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
};

export function readExpectation(source: SourceFile, node: SourceNode): Expectation {
  const map = MapReader.of(source, node, "'expect'", EXPECT_KEYS);
  if (map === undefined) return { ...NO_EXPECTATION, at: node.at };
  map.notBoth('reply', 'replies', 'a method gives one reply, or a stream of them');
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
  };
}
