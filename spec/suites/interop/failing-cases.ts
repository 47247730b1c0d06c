// Interop cases whose calls end with a status other than OK: from the server, by cancelling, by a deadline.
// Each asserts what grpc's doc/interop-test-descriptions.md lists under its name, and that the connection
// the call failed on still serves others.

import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Client, RpcError } from '../../../lib/index.ts';
import {
  duplexRequest,
  expectStatus,
  expectStillServing,
  expectZeros,
  FULL_DUPLEX_CALL,
  type InteropCase,
  REQUEST_SIZES,
  RESPONSE_SIZES,
  STREAMING_INPUT_CALL,
  UNARY_CALL,
  zeros,
} from './interop-case.ts';

const STATUS_MESSAGE = 'test status message';
const SPECIAL_STATUS_MESSAGE = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';
const SLEEPING_TIMEOUT_MS = 1;
/** How much later than its deadline a call may settle (docs/promises.md 1), and as much again for a busy machine. */
const SETTLING_MS = 200;

async function statusCodeAndMessage(client: Client): Promise<void> {
  const fields = { responseStatus: { code: 2, message: STATUS_MESSAGE } };

  const unary = await expectStatus(client.unaryUnary(UNARY_CALL, fields), 'UNKNOWN');
  expect(unary.code).to.equal(2);
  expect(unary.details).to.equal(STATUS_MESSAGE);
  expect(unary.origin).to.equal('server');

  const call = client.open(FULL_DUPLEX_CALL);
  await call.write(fields);
  await call.end();
  const duplex = await expectStatus(call.toArray(), 'UNKNOWN');
  expect(duplex.code).to.equal(2);
  expect(duplex.details).to.equal(STATUS_MESSAGE);
  expect((await call.status).details).to.equal(STATUS_MESSAGE);
}

async function specialStatusMessage(client: Client): Promise<void> {
  const fields = { responseStatus: { code: 2, message: SPECIAL_STATUS_MESSAGE } };
  const error = await expectStatus(client.unaryUnary(UNARY_CALL, fields), 'UNKNOWN');
  expect(error.code).to.equal(2);
  expect(error.details).to.equal(SPECIAL_STATUS_MESSAGE);
}

async function unimplementedMethod(client: Client): Promise<void> {
  const error = await expectStatus(
    client.unaryUnary('grpc.testing.TestService/UnimplementedCall', {}),
    'UNIMPLEMENTED',
  );
  expectNoSuchMethod(error);
}

async function unimplementedService(client: Client): Promise<void> {
  const error = await expectStatus(
    client.unaryUnary('grpc.testing.UnimplementedService/UnimplementedCall', {}),
    'UNIMPLEMENTED',
  );
  expectNoSuchMethod(error);
}

/** The server's own word, or where HTTP servers dispatch by path, their 404. */
function expectNoSuchMethod({ code, origin, details }: RpcError): void {
  expect(code).to.equal(12);
  if (origin !== 'server')
    expect(details).to.match(/^the server answered with HTTP status 404\b.*no such method/);
}

async function cancelAfterBegin(client: Client): Promise<void> {
  // With a connection there already, so that there is a stream to cancel.
  await client.waitForReady();

  const atOnce = client.open(STREAMING_INPUT_CALL);
  atOnce.cancel();
  await expectStatus(atOnce, 'CANCELLED');
  expect((await atOnce.status).code).to.equal(1);

  // Again, a turn of the event loop later: now the metadata certainly was sent.
  const begun = client.open(STREAMING_INPUT_CALL);
  await turn();
  begun.cancel();
  await expectStatus(begun, 'CANCELLED');
  expect((await begun.status).code).to.equal(1);
}

async function cancelAfterFirstResponse(client: Client): Promise<void> {
  const call = client.open(FULL_DUPLEX_CALL);
  await call.write(duplexRequest(RESPONSE_SIZES[0], REQUEST_SIZES[0]));
  expectZeros(await call.read(), RESPONSE_SIZES[0]);
  call.cancel();
  await expectStatus(call.read(), 'CANCELLED');
  expect((await call.status).code).to.equal(1);
}

async function timeoutOnSleepingServer(client: Client): Promise<void> {
  // With a connection there already, so that it is the server that the call waits for.
  await client.waitForReady();
  const started = performance.now();
  const call = client.open(FULL_DUPLEX_CALL, { timeoutMs: SLEEPING_TIMEOUT_MS });
  // The deadline may come before the write is done; what counts is how the call ends.
  await Promise.allSettled([call.write(zeros(REQUEST_SIZES[0]))]);
  await expectStatus(call.read(), 'DEADLINE_EXCEEDED');
  expect((await call.status).code).to.equal(4);
  expect(performance.now() - started).to.be.below(SLEEPING_TIMEOUT_MS + SETTLING_MS);
}

function failing(name: string, run: (client: Client) => Promise<void>): InteropCase {
  return {
    name,
    async run(context) {
      const client = await context.connect();
      await run(client);
      await expectStillServing(client);
    },
  };
}

export const FAILING_CASES: readonly InteropCase[] = [
  failing('status_code_and_message', statusCodeAndMessage),
  failing('special_status_message', specialStatusMessage),
  failing('unimplemented_method', unimplementedMethod),
  failing('unimplemented_service', unimplementedService),
  failing('cancel_after_begin', cancelAfterBegin),
  failing('cancel_after_first_response', cancelAfterFirstResponse),
  failing('timeout_on_sleeping_server', timeoutOnSleepingServer),
];
