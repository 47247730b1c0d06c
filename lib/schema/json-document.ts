// ProtoJSON as text. JSON.parse takes the last of two properties of one name; ProtoJSON has no such documents,
// and what is in the first would be lost in silence. Knows nothing of messages.

/** The parsed document. SyntaxError when it is none, or when an object has two properties of one name. */
export function parseJsonDocument(text: string): unknown {
  const document: unknown = JSON.parse(text);
  refuseDuplicates(text);
  return document;
}

/** Where the text that opens at `open` closes. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); ; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return at;
  }
}

/** `text` is well-formed JSON, so that a text before a colon is the name of a property. */
function refuseDuplicates(text: string): void {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{') open.push(new Set());
    else if (char === '}') open.pop();
    else if (char === '"') {
      const close = closingQuote(text, at);
      let after = close + 1;
      while (after < text.length && text[after] !== ':' && text[after].trim() === '') after++;
      if (text[after] === ':') {
        const raw = text.slice(at, close + 1);
        const name: string = raw.includes('\\') ? JSON.parse(raw) : raw.slice(1, -1);
        const names = open[open.length - 1];
        if (names.has(name)) throw new SyntaxError(`an object has two properties ${JSON.stringify(name)}`);
        names.add(name);
      }
      at = close;
    }
  }
}
