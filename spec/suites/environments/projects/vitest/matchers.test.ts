// The matchers for Vitest.
import * as testing from 'stubless/testing';
import { matchers, snapshotSerializer } from 'stubless/testing/vitest';
import { expect, test } from 'vitest';
import { matchersHold } from './matchers.mjs';

expect.extend(matchers);
expect.addSnapshotSerializer(snapshotSerializer);

test('matchers', () =>
  matchersHold(expect, testing, (reply) =>
    expect({ reply }).toMatchInlineSnapshot(`
      {
        "reply": clock.NowReply {
          "zone": "UTC"
        },
      }
    `),
  ));
