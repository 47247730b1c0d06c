// What a method's name means, for callers that want to know beforehand: looked up as for a call, through loads and
// reflection, but without calling the method.

import { LostSchema } from '../call/lost-schema.ts';
import type { MethodDescription } from '../schema/print/description.ts';
import { describe } from '../schema/print/provided-introspection.ts';
import type { MethodCatalog } from './method-catalog.ts';

/** The method with this name. Throws a SchemaError with the nearest names, or why the server could not be asked. */
export async function findMethod(
  schema: MethodCatalog,
  name: string,
  signal: AbortSignal,
  waitForReady: boolean,
): Promise<MethodDescription> {
  const { fullName } = (schema.now(name) ?? (await later(schema, name, signal, waitForReady))).method;
  const found = describe(schema.registry, fullName);
  if (found.kind !== 'method') throw new TypeError(`${fullName} is a ${found.kind}`);
  return found;
}

async function later(schema: MethodCatalog, name: string, signal: AbortSignal, waitForReady: boolean) {
  signal.throwIfAborted();
  let onAbort = (): void => {};
  const ended = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
  });
  const waiter = { options: { settings: { waitForReady } }, ended, isDone: false };
  void ended.then(() => {
    waiter.isDone = true;
  });
  try {
    const target = await schema.later(name, waiter);
    signal.throwIfAborted();
    // It is undefined only if the waiter has given up.
    if (target === undefined) throw new Error('the lookup was given up');
    return target;
  } catch (error) {
    throw error instanceof LostSchema ? (error.cause ?? error) : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
