// Regular expressions on text that a server sent. One that a user wrote may take time that grows exponentially with the
// text, so text is measured first and the time is limited.

import { createContext, Script } from 'node:vm';

/** How long text may be to be matched, in UTF-16 units. */
export const MAX_MATCHED_TEXT = 1_000_000;
/** How long one match may take. */
export const MAX_MATCH_MS = 1000;

let sandbox: { expression: RegExp; text: string } | undefined;
let script: Script | undefined;

/** Whether text matches; a word why that cannot be told. */
export function matchText(expression: RegExp, text: string): boolean | string {
  if (text.length > MAX_MATCHED_TEXT) {
    return `${text.length} characters, more than MAX_MATCHED_TEXT ${MAX_MATCHED_TEXT}`;
  }
  sandbox ??= createContext({ expression, text }) as { expression: RegExp; text: string };
  script ??= new Script('expression.test(text)');
  sandbox.expression = expression;
  sandbox.text = text;
  try {
    return script.runInContext(sandbox, { timeout: MAX_MATCH_MS }) === true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return `${text.length} characters for which the expression takes more than MAX_MATCH_MS ${MAX_MATCH_MS}`;
  }
}

/** The expression without the flags that make it remember where it was. */
export function statelessExpression({ source, flags }: RegExp): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, ''));
}
