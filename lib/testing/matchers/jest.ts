// The entry point `stubless/testing/jest`: matchers and a snapshot serialiser for Jest.

export { type MatcherResult, type Matchers, matchers, type StublessMatchers } from './expect-matchers.ts';
export { type SnapshotSerializer, snapshotSerializer } from './snapshot.ts';
export type { FailureOptions, ReceivedOptions, ReplyOptions } from './verdicts.ts';

import type { StublessMatchers } from './expect-matchers.ts';

declare global {
  namespace jest {
    // The type parameters are those of @types/jest.
    interface Matchers<R, T> extends StublessMatchers {}
  }
}
