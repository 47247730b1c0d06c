// Colours for terminals: JSON and .proto source by their tokens. Off unless output is a terminal, and where NO_COLOR
// (no-color.org) or TERM=dumb says so; FORCE_COLOR turns them on anywhere.

import type { Environment } from './io.ts';

export interface Colours {
  readonly isOn: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  cyan(text: string): string;
  json(text: string): string;
  proto(text: string): string;
}

/** Whether output is coloured. `wanted` is what the user's option says. */
export function wantsColour(isTerminal: boolean, env: Environment, wanted?: boolean): boolean {
  if (wanted !== undefined) return wanted;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '' && force !== '0' && force !== 'false') return true;
  return isTerminal && env['TERM'] !== 'dumb';
}

/** Nobody reads more in colours, and a regular expression runs out of stack on texts of some MiB. */
const MAX_COLOURED_CHARS = 256 * 1024;

const JSON_TOKEN =
  /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const PROTO_TOKEN =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|("[^"\\]*(?:\\.[^"\\]*)*")|\b(syntax|edition|package|import|public|option|message|enum|service|rpc|returns|stream|oneof|map|repeated|optional|required|reserved|extensions|extend|group|to|max)\b|\b(double|float|u?int(?:32|64)|sint(?:32|64)|s?fixed(?:32|64)|bool|string|bytes)\b|\b(\d+)\b/g;

export function colours(isOn: boolean): Colours {
  const style =
    (open: number, close: number) =>
    (text: string): string =>
      isOn && text !== '' ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  const [bold, dim] = [style(1, 22), style(2, 22)];
  const [red, green, yellow, blue, cyan] = [31, 32, 33, 34, 36].map((code) => style(code, 39));
  return {
    isOn,
    bold,
    dim,
    red,
    green,
    yellow,
    blue,
    cyan,
    json: (text) =>
      !isOn || text.length > MAX_COLOURED_CHARS
        ? text
        : text.replace(JSON_TOKEN, (token, string: string | undefined, colon: string | undefined) => {
            if (string === undefined) return yellow(token);
            return colon === undefined ? green(string) : blue(string) + colon;
          }),
    proto: (text) =>
      !isOn || text.length > MAX_COLOURED_CHARS
        ? text
        : text.replace(PROTO_TOKEN, (token, comment, string, keyword, scalar) => {
            if (comment !== undefined) return dim(token);
            if (string !== undefined) return green(token);
            if (keyword !== undefined) return blue(token);
            return scalar === undefined ? yellow(token) : cyan(token);
          }),
  };
}
