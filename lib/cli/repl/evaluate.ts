// JavaScript as a REPL takes it: what is declared stays, and `await` works at the top.
//
// node:repl's own evaluation is not used: it reports errors past its callback, and cannot be called for piped lines.

import { Script } from 'node:vm';

export type Evaluated =
  | { readonly kind: 'value'; readonly value: unknown }
  /** More lines belong to it. */
  | { readonly kind: 'incomplete' };

/** Runs code in the global scope. Rejects with what it throws, and with a SyntaxError for code that does not compile. */
export async function evaluate(code: string): Promise<Evaluated> {
  // `{ a: 1 }` is meant as an object, as in every REPL.
  const plain = /^\s*\{[\s\S]*\}\s*$/.test(code)
    ? (compiled(`(${code.trim()}\n)`) ?? compiled(code))
    : compiled(code);
  const script = plain ?? (/\bawait\b/.test(code) ? awaiting(code) : undefined);
  if (script !== undefined) {
    const value: unknown = script.runInThisContext();
    return { kind: 'value', value: script === plain ? value : await value };
  }
  const error = mistake(code);
  if (isIncomplete(error)) return { kind: 'incomplete' };
  throw error;
}

/** The code in an async function: as an expression, as a declaration that stays, or as statements. */
function awaiting(code: string): Script | undefined {
  const body = code.trim().replace(/;+$/, '');
  return (
    compiled(`(async () => (${body}\n))()`) ?? declaration(body) ?? compiled(`(async () => {${body}\n})()`)
  );
}

/**
 * `const { a, b } = await f()` as an assignment to names that are not declared, which makes them global. Which `=`
 * ends the pattern is found by trying.
 */
function declaration(body: string): Script | undefined {
  const declared = /^(?:const|let|var)\s+([\s\S]+)$/.exec(body)?.[1];
  if (declared === undefined) return undefined;
  for (let at = declared.indexOf('='); at >= 0; at = declared.indexOf('=', at + 1)) {
    const script = compiled(`(async () => { (${declared.slice(0, at)} = (${declared.slice(at + 1)}\n)) })()`);
    if (script !== undefined) return script;
  }
  return undefined;
}

function compiled(code: string): Script | undefined {
  try {
    return new Script(code, { filename: 'repl' });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What is wrong with code that does not compile, with `await` allowed. */
function mistake(code: string): SyntaxError {
  try {
    new Script(/\bawait\b/.test(code) ? `(async () => {${code}` : code, { filename: 'repl' });
    return new SyntaxError('not valid JavaScript');
  } catch (error) {
    return error instanceof SyntaxError ? error : new SyntaxError(String(error));
  }
}

/** As V8 and JavaScriptCore say that code ends too early. */
const ENDS_EARLY =
  /^Unexpected end of (?:input|script)|^missing \) after argument list|^Unterminated template|^Unexpected token '?<?(?:EOF|end of script)/i;

function isIncomplete({ message }: SyntaxError): boolean {
  return ENDS_EARLY.test(message);
}
