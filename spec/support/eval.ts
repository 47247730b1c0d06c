// Whether code may be made out of text here, as spec/suites/noeval forbids it. What needs it is input that another
// library makes so in this process; such specs are left out there, each by itself.

export const FLAG = '--disallow-code-generation-from-strings';

const IS_FORBIDDEN = process.execArgv.includes(FLAG);

/** For a child process of a spec: the flag, where this process has it. */
export const INHERITED: readonly string[] = IS_FORBIDDEN ? [FLAG] : [];

/** For a spec, or the `before` of several, whose input another library makes of code: skips it where that is forbidden. */
export function needEval(spec: Mocha.Context): void {
  if (IS_FORBIDDEN) spec.skip();
}
