// Says what to write instead to a program that takes an object for something else and asks it for a member that it does
// not have, in place of an undefined that fails elsewhere or nowhere. It knows no object's mistakes; those are given.

import { isObject } from './realm.ts';

/**
 * Names that programs ask any object for to find out what it is: promises, test frameworks, streams, RxJS, JSON. They are
 * never a mistake.
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

/** What Node.js asks a value for to learn whether it is one of its streams, before it asks for `on`. */
const STREAM_PROBES: ReadonlySet<string> = new Set(['_readableState', '_writableState']);

/**
 * Makes the objects of a class throw a TypeError for members that they lack, where `explain` has a text for it. All
 * else stays as it was: members that they have cost nothing more, and of symbols only that of `for (… of …)`, spread and
 * Array.from is looked at.
 * @param prototype of the class, or of the outermost that it extends
 * @param explain is also given what gives the lines of the stack that asked
 * @param explainLoop what is said where an object is looped over as though it were an array
 */
export function explainMissing(
  prototype: object,
  explain: (object: object, name: string, asked: () => string) => string | undefined,
  explainLoop?: (object: object) => string | undefined,
): void {
  // Behind the class, where only what no class in front of it has is looked for.
  const base: object = Object.create(Object.getPrototypeOf(prototype));
  const asStream = new WeakSet<object>();
  // A function, not an error at once: programs ask for it to learn what may be looped over.
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
    // The first line of its stack is the one that asked.
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
