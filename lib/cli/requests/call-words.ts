// The words of a call in their order: target, method, fields. It knows nothing of schemas; these mistakes would otherwise
// end in a DNS look-up of a method, or in a request to a server for a field.

import type { ArgumentDefinition } from '../command/command-definition.ts';
import { UsageError } from '../command/failure.ts';
import { looksLikeTarget } from '../command/target.ts';
import { isFieldWord } from './field-words.ts';

/** A request of a file, `hello.requests.yaml#greets`: in place of target, method and fields. */
export const SAVED_REQUEST: RegExp = /\.(?:ya?ml|json)#./i;

/** What follows the target. */
export const METHOD_AND_FIELDS: readonly ArgumentDefinition[] = [
  {
    name: 'method',
    description: 'helloworld.Greeter/SayHello, or any part of it that is unambiguous',
    isOptionalWith: SAVED_REQUEST,
    completion: 'method',
  },
  {
    name: 'field=value',
    description: 'the request',
    isOptional: true,
    isRepeated: true,
    completion: 'field',
  },
];

/** Throws a UsageError where the words stand in another order, or two of them are one. */
export function checkCallWords(command: string, target: string, method: string): void {
  const isTarget = looksLikeTarget(method) && !isFieldWord(method);
  if (isTarget && !looksLikeTarget(target)) {
    throw new UsageError(`the target comes before the method: stubless ${command} ${method} ${target}`);
  }
  if (!isFieldWord(method)) return;
  const parts = methodInTarget(target);
  if (parts !== undefined) {
    throw new UsageError(
      `the method is a separate word: stubless ${command} ${parts.target} ${parts.method} ${method}`,
    );
  }
  throw new UsageError(`the method is missing before '${method}': stubless ${command} ${target} METHOD …`);
}

/** A target with the method as its path, as buf curl has it, in its two parts. */
export function methodInTarget(
  word: string,
): { readonly target: string; readonly method: string } | undefined {
  const parts = /^(.+?:\/\/.+?)\/([\w.]+\/\w+)$/.exec(word) ?? /^([^/]+:\d+)\/([\w.]+\/\w+)$/.exec(word);
  return parts === null ? undefined : { target: parts[1], method: parts[2] };
}

/** What to write for a word behind the method that sets no field. */
export function insteadOfWord(word: string, method: string): string {
  if (/^\s*[{[]/.test(word)) return `a JSON message needs -d in front: -d '${word}'`;
  const usual = 'write field=value, or -d for a whole message';
  const isName = /^[A-Z]\w*$/.test(word) && /^[\w.]+$/.test(method);
  return isName ? `${usual}; a service and its method are one word: ${method}/${word}` : usual;
}
