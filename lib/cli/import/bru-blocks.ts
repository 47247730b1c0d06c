// Bruno's own format, .bru, as blocks: `name {` to a line that begins with `}`, with pairs or text inside of it. As
// @usebruno/lang reads it, as far as requests over gRPC go; that package brings a parser generator and lodash with it.

interface BruPair {
  readonly key: string;
  /** Lines of a text in ''' are as they are written. */
  readonly value: string;
  /** Of a list in [ ]. */
  readonly items: readonly string[];
  /** Written with ~ before it, which turns it off. */
  readonly isOff: boolean;
  readonly line: number;
}

export interface BruBlock {
  readonly name: string;
  readonly line: number;
  /** What stands between its braces. */
  readonly text: string;
  readonly pairs: readonly BruPair[];
}

/** Blocks whose text is no pairs. */
const TEXTS = /^(?:docs|tests|example|script:.*|body(?::(?:json|text|xml|sparql|graphql(?::vars)?))?)$/;
const FENCE = "'''";

/** The blocks of a file; `lost` is told of lines that belong to none, and of what is never closed. */
export function bruBlocks(text: string, lost: (line: number, what: string) => void): readonly BruBlock[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const blocks: BruBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const name = /^\s*([A-Za-z][\w:-]*)\s*\{\s*$/.exec(lines[at])?.[1];
    if (name === undefined) {
      if (lines[at].trim() !== '') lost(at + 1, `a line outside of every block: ${lines[at].slice(0, 40)}`);
      continue;
    }
    const start = at + 1;
    const end = endOf(lines, start, !TEXTS.test(name));
    if (end === lines.length) lost(at + 1, `the block ${name}, which is never closed`);
    const inside = lines.slice(start, end);
    const pairs = TEXTS.test(name) ? [] : pairsOf(inside, start + 1, lost);
    blocks.push({ name, line: at + 1, text: inside.join('\n'), pairs });
    at = end;
  }
  return blocks;
}

/** The line that closes a block; a brace within a text of several lines does not. */
function endOf(lines: readonly string[], start: number, hasPairs: boolean): number {
  let isFenced = false;
  for (let at = start; at < lines.length; at++) {
    if (!isFenced && lines[at].startsWith('}')) return at;
    if (hasPairs && (lines[at].split(FENCE).length - 1) % 2 === 1) isFenced = !isFenced;
  }
  return lines.length;
}

function pairsOf(
  lines: readonly string[],
  first: number,
  lost: (line: number, what: string) => void,
): readonly BruPair[] {
  const pairs: BruPair[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = first + at;
    // What an annotation says of the pair below it is for Bruno's window.
    if (lines[at].trim() === '' || /^\s*@[^\s:()]+(?:\(.*\))?\s*$/.test(lines[at])) continue;
    const [, off, quoted, plain, rest] =
      /^\s*(~?)(?:"((?:[^"\\]|\\.)*)"|([^\s:]*))\s*:\s*(.*?)\s*$/.exec(lines[at]) ?? [];
    if (rest === undefined) {
      lost(line, `a line that is no pair: ${lines[at].trim().slice(0, 40)}`);
      continue;
    }
    const pair = { key: quoted?.replace(/\\(.)/g, '$1') ?? plain, isOff: off === '~', line };
    if (rest === '[') {
      const items: string[] = [];
      while (++at < lines.length && lines[at].trim() !== ']') items.push(lines[at].trim());
      pairs.push({ ...pair, value: '', items: items.filter((item) => item !== '') });
    } else if (rest.startsWith(FENCE)) {
      const texts = [rest.slice(FENCE.length)];
      while (!texts[texts.length - 1].includes(FENCE) && ++at < lines.length) texts.push(lines[at]);
      const value = texts.join('\n');
      const close = value.indexOf(FENCE);
      pairs.push({ ...pair, value: close < 0 ? value : value.slice(0, close), items: [] });
    } else pairs.push({ ...pair, value: rest, items: [] });
  }
  return pairs;
}
