// The matchers for Jest.
const testing = require('stubless/testing');
const { matchers, snapshotSerializer } = require('stubless/testing/jest');
const { matchersHold } = require('./matchers.cjs');

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
