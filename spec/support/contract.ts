// The contract of calls: a body of specs runs for plain calls, and once more for calls that go through an interceptor
// that changes nothing, which must behave as plain ones do.

import type { Suite } from 'mocha';
import { Client, type ClientOptions, type Interceptor } from '../../lib/index.ts';

const passThrough: Interceptor = (call, next) => next(call);

/** The client whose calls all go through an interceptor. */
const InterceptedClient: typeof Client = new Proxy(Client, {
  construct(target, given: readonly unknown[]) {
    // (host, port, options), or (target, options)
    const at = given[1] === undefined || typeof given[1] === 'object' ? 1 : 2;
    const options = given[at] as ClientOptions | undefined;
    const args = [...given];
    args[at] = { ...options, interceptors: [passThrough, ...(options?.interceptors ?? [])] };
    return Reflect.construct(target, args);
  },
});

/**
 * @param body describes calls of the client that it is given
 * @param exceptions which of its specs cannot hold through an interceptor, by their names, and why
 */
export function describeCalls(
  name: string,
  body: (client: typeof Client) => void,
  exceptions: Readonly<Record<string, string>> = {},
): void {
  describe(name, () => body(Client));
  describe(`${name}, through an interceptor`, function () {
    body(InterceptedClient);
    const left = new Set(Object.keys(exceptions));
    leaveOut(this, left);
    if (left.size > 0) throw new Error(`no spec of '${name}' is called '${[...left].join("', '")}'`);
  });
}

function leaveOut(suite: Suite, names: Set<string>): void {
  suite.tests = suite.tests.filter(({ title }) => !names.delete(title));
  for (const inner of suite.suites) leaveOut(inner, names);
}
