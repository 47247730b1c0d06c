// Helps a program that mistakes an object for something else and uses a member that the object does not have: it gets
// an error that says what to write instead, rather than an undefined that fails later or never. The texts come from
// outside.

import { isObject } from './realm.ts';

/**
 * Names that code looks for on any object to find out what it is: promises, test frameworks, streams, RxJS, JSON. Using
 * them is never a mistake.
 */
const PROBES: ReadonlySet<string> = new Set([
  'then',
  'toJSON',
  'inspect',
  'constructor',
  'length',
  'nodeType',
  'tagName',
  'asymmetricMatch',
  'pipe',
  'emit',
  'readable',
  'writable',
  'subscribe',
  'getReader',
  'lift',
]);

/** What Node.js looks for on a value to find out whether it is a stream, before it looks for `on`. */
const STREAM_PROBES: ReadonlySet<string> = new Set(['_readableState', '_writableState']);

/**
 * Makes the objects of a class throw a TypeError on access to members that they lack, if `explain` has a text for the
 * member. Nothing else changes: existing members cost nothing extra, and the only symbol affected is that of
 * `for (… of …)`, spread and Array.from.
 * @param prototype the prototype of the class, or of the outermost class that it extends
 * @param explain returns the text; its third argument returns the stack of the access
 * @param explainLoop returns the text for an object that is looped over as though it were an array
 */
export function explainMissing(
  prototype: object,
  explain: (object: object, name: string, asked: () => string) => string | undefined,
  explainLoop?: (object: object) => string | undefined,
): void {
  // Behind the class in the prototype chain, where only members that no class before it has are looked for.
  const base: object = Object.create(Object.getPrototypeOf(prototype));
  const asStream = new WeakSet<object>();
  // A function rather than an error at once, since code also looks at Symbol.iterator to find out what is iterable.
  function refusedLoop(this: object): never {
    const error = new TypeError(explainLoop?.(this) ?? 'not iterable');
    Error.captureStackTrace?.(error, refusedLoop);
    throw error;
  }
  const get = (target: object, name: string | symbol, receiver: unknown): unknown => {
    if (name === Symbol.iterator && explainLoop !== undefined) return refusedLoop;
    if (typeof name === 'symbol' || name in target) return Reflect.get(target, name, receiver);
    if (PROBES.has(name) || !isObject(receiver)) return undefined;
    if (STREAM_PROBES.has(name)) asStream.add(receiver);
    if (name === 'on' && asStream.has(receiver)) return undefined;
    const text = explain(receiver, name, () => stackBehind(get));
    if (text === undefined) return undefined;
    const error = new TypeError(text);
    // The first line of its stack is that of the access.
    Error.captureStackTrace?.(error, get);
    throw error;
  };
  Object.setPrototypeOf(prototype, new Proxy(base, { get }));
}

function stackBehind(own: (...args: never[]) => unknown): string {
  const error = new Error('asked');
  Error.captureStackTrace?.(error, own);
  return (error.stack ?? '').split('\n').slice(1).join('\n');
}
