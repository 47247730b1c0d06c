// The entry point `stubless/testing/vitest`: matchers and a snapshot serialiser for Vitest.

export { type MatcherResult, type Matchers, matchers, type StublessMatchers } from './expect-matchers.ts';
export { type SnapshotSerializer, snapshotSerializer } from './snapshot.ts';
export type { FailureOptions, ReceivedOptions, ReplyOptions } from './verdicts.ts';
