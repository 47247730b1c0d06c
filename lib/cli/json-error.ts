// Where JSON text is wrong, and what was expected there. JSON.parse says so differently on every runtime and version,
// and never by line. Used on the way to an error only.

const WHITE = /[ \t\r\n]/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class Mistake {
  readonly at: number;
  readonly expected: string;

  constructor(at: number, expected: string) {
    this.at = at;
    this.expected = expected;
  }
}

/** `2:7: expected a comma or '}', found 'b'`, or undefined when nothing is wrong. */
export function jsonMistake(text: string, firstLine = 1): string | undefined {
  try {
    const end = skipWhite(text, value(text, skipWhite(text, 0), 0));
    if (end < text.length) throw new Mistake(end, 'nothing more');
    return undefined;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const before = text.slice(0, error.at).split('\n');
    const line = firstLine + before.length - 1;
    const found =
      error.at >= text.length
        ? 'the end'
        : JSON.stringify(/^\w+|^./su.exec(text.slice(error.at, error.at + 20))?.[0]);
    return `${line}:${before[before.length - 1].length + 1}: expected ${error.expected}, found ${found}`;
  }
}

function skipWhite(text: string, from: number): number {
  let at = from;
  while (at < text.length && WHITE.test(text[at])) at++;
  return at;
}

/** Where the value that begins at `at` ends. */
function value(text: string, at: number, depth: number): number {
  if (depth > 1000) throw new Mistake(at, 'less than 1000 levels');
  const char = text[at];
  if (char === '{') return members(text, at, '}', depth);
  if (char === '[') return members(text, at, ']', depth);
  if (char === '"') return string(text, at);
  for (const word of ['true', 'false', 'null']) if (text.startsWith(word, at)) return at + word.length;
  NUMBER.lastIndex = at;
  const number = NUMBER.exec(text);
  if (number !== null) return at + number[0].length;
  throw new Mistake(at, char === "'" ? 'a value; JSON texts stand in double quotes' : 'a value');
}

function members(text: string, open: number, close: '}' | ']', depth: number): number {
  let at = skipWhite(text, open + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    if (close === '}') {
      if (text[at] !== '"') throw new Mistake(at, 'a property name in double quotes');
      at = skipWhite(text, string(text, at));
      if (text[at] !== ':') throw new Mistake(at, "':'");
      at = skipWhite(text, at + 1);
    }
    at = skipWhite(text, value(text, at, depth + 1));
    if (text[at] === close) return at + 1;
    if (text[at] !== ',') throw new Mistake(at, `',' or '${close}'`);
    at = skipWhite(text, at + 1);
  }
}

function string(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const char = text[at];
    if (char === '"') return at + 1;
    if (char < ' ') throw new Mistake(at, 'no raw control character in a text (write \\n, \\t, \\u…)');
    if (char !== '\\') continue;
    at++;
    if (!/^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at, at + 5))) {
      throw new Mistake(at - 1, 'an escape such as \\n or \\u0041');
    }
  }
  throw new Mistake(text.length, "a '\"' that ends the text");
}
