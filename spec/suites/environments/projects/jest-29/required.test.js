const library = require('stubless');
const testing = require('stubless/testing');
const { calls, EXPECTED } = require('./calls.cjs');

test('calls', async () => expect(await calls(library, testing)).toBe(EXPECTED));

test('a generated module', async () => {
  const client = await new library.Client('127.0.0.1', 1).load('generated.cjs');
  expect(client.services.map(({ fullName }) => fullName)).toEqual(['g.S']);
});
