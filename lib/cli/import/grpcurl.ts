// grpcurl command lines, out of a shell's history, a script or the clipboard.

import { isThisMachine } from '../../channel/target/this-machine.ts';
import { LocalError } from '../command/failure.ts';
import { isStdin } from '../command/standard-input.ts';
import { headerOf } from '../requests/headers.ts';
import { wordsOf } from '../requests/line-words.ts';
import {
  addMetadata,
  type Imported,
  type ImportedRequest,
  type Lost,
  messagesOf,
  nameOfMethod,
  withVariables,
} from './imported.ts';

/** Flags with a value; those of others stand alone. */
const WITH_VALUE = new Set([
  'd',
  'H',
  'rpc-header',
  'reflect-header',
  'proto',
  'import-path',
  'protoset',
  'max-time',
  'connect-timeout',
  'authority',
  'servername',
  'cacert',
  'cert',
  'key',
  'format',
  'max-msg-sz',
  'user-agent',
  'keepalive-time',
  'protoset-out',
  'proto-out-dir',
  'alts-handshaker-service',
  'alts-target-service-account',
]);
/** Flags that say nothing to a file of requests. */
const PASSED_OVER = new Set([
  'plaintext',
  'v',
  'vv',
  'emit-defaults',
  'format-error',
  'expand-headers',
  'use-reflection',
  'msg-template',
]);
/** What belongs to the target, and so to the config file. */
const OF_TARGET = new Set([
  'insecure',
  'authority',
  'servername',
  'cacert',
  'cert',
  'key',
  'connect-timeout',
  'keepalive-time',
  'max-msg-sz',
  'user-agent',
  'reflect-header',
  'unix',
  'alts',
  'alts-handshaker-service',
  'alts-target-service-account',
]);

export function importGrpcurl(text: string, lost: Lost): Imported {
  const requests: ImportedRequest[] = [];
  let line = 0;
  for (const { command, lines } of commandsOf(text)) {
    const start = line + 1;
    line += lines;
    for (const part of partsOf(command)) {
      const at = /(?:^|[\s;|&(/])grpcurl(?:\.exe)?\s/.exec(part);
      if (at === null) continue;
      const request = requestOf(part.slice(at.index + at[0].length), start, lost);
      if (request !== undefined) requests.push(request);
    }
  }
  return { requests, variables: new Map() };
}

interface ShellCommand {
  readonly command: string;
  readonly lines: number;
}

/** Lines of a shell; a backslash at the end, or an open quote, goes on in the next one. */
function commandsOf(text: string): readonly ShellCommand[] {
  const lines = text.split(/\r?\n/);
  const found: ShellCommand[] = [];
  let first = 0;
  let command = '';
  let quote = '';
  let isGrpcurl = false;
  // A quote that no line closes ends with its own; what follows is not lost with it.
  let isWhole = true;
  for (let at = 0; at < lines.length; at++) {
    const isContinued = lines[at].endsWith('\\');
    const line = isContinued ? lines[at].slice(0, -1) : lines[at];
    command += line;
    quote = openQuote(line, quote);
    isGrpcurl ||= line.includes('grpcurl');
    const isOpen = isWhole && isGrpcurl && quote !== '';
    const isLast = at === lines.length - 1;
    if ((isContinued || isOpen) && !isLast) {
      if (!isContinued) command += '\n';
      continue;
    }
    if (isOpen) {
      isWhole = false;
      at = first;
      command = lines[first];
    }
    found.push({ command, lines: at - first + 1 });
    first = at + 1;
    command = '';
    quote = '';
    isGrpcurl = false;
  }
  return found;
}

/** The quote that is open behind a line, which begins inside of another one; '' for none. */
function openQuote(line: string, before: string): string {
  let quote = before;
  for (let at = 0; at < line.length; at++) {
    const char = line[at];
    if (char === '\\' && quote !== "'") at++;
    else if (quote === '' ? char === '"' || char === "'" : char === quote) quote = quote === '' ? char : '';
  }
  return quote;
}

const QUOTED = String.raw`'[^']*'|"(?:[^"\\]|\\.)*"|\\.`;

/** The commands that `;`, `&&` and the like stand between. */
function partsOf(command: string): readonly string[] {
  const parts = [''];
  const pieces = new RegExp(String.raw`${QUOTED}|\d*[<>]&\d?|([;&|]+)|.`, 'gs');
  for (const [piece, separator] of command.matchAll(pieces)) {
    if (separator === undefined) parts[parts.length - 1] += piece;
    else parts.push('');
  }
  return parts;
}

/** What a shell puts something else for outside of single quotes: variables, and the output of commands. */
function expansionsOf(command: string): readonly string[] {
  const found = new Set<string>();
  for (const [, quoted, plain] of command.matchAll(/'[^']*'|"((?:[^"\\]|\\.)*)"|\\.|([^'"\\]+)|./gs)) {
    const text = quoted ?? plain ?? '';
    for (const [, expansion] of text.matchAll(/\\.|(\$\w+|\$\{[^}]*\}|\$\([^)]*\)|`[^`]*`)/gs)) {
      if (expansion !== undefined) found.add(expansion);
    }
  }
  return [...found];
}

function requestOf(command: string, line: number, lost: Lost): ImportedRequest | undefined {
  const read = flagsOf(command, line, lost);
  if (read === undefined) return undefined;
  const { words, flags } = read;
  const hasFiles = flags.some(([name]) => name === 'proto' || name === 'protoset');
  const [target, called] = words.length === 1 && hasFiles ? [undefined, words[0]] : words;
  // Behind the last word of `$(grpcurl …)`.
  const method = called?.replace(/[)`]+$/, '');
  if (target === undefined || method === undefined || method === 'list' || method === 'describe') {
    lost(line, `a grpcurl line that calls nothing: ${words.join(' ')}`);
    return undefined;
  }
  const all = (name: string): string[] => flags.filter(([one]) => one === name).map(([, value]) => value);
  const metadata = new Map<string, readonly string[]>();
  for (const header of [...all('H'), ...all('rpc-header')]) {
    const [name, value] = headerOf(header) ?? [];
    if (name === undefined || value === undefined) lost(line, 'a header without a colon');
    else addMetadata(metadata, name, value, line, lost);
  }
  for (const [name] of flags) {
    if (OF_TARGET.has(name)) lost(line, `-${name}, which belongs to the target: give it in the config file`);
    else if (!WITH_VALUE.has(name) && !PASSED_OVER.has(name)) lost(line, `-${name}`);
  }
  const isText = all('format').includes('text');
  if (isText) lost(line, 'a request in text format');
  const messages = all('d').flatMap((data) => {
    if (!isStdin(data)) return isText ? [] : messagesOf(data, line, lost);
    lost(line, 'the request, which comes from standard input');
    return [];
  });
  const carried = [target, method, ...all('d'), ...[...metadata.values()].flat()];
  for (const expansion of expansionsOf(command)) {
    if (carried.some((text) => text.includes(expansion)))
      lost(line, `${expansion} of the shell, which stays as it is written`);
  }
  const maxTime = all('max-time')[0];
  return {
    name: nameOfMethod(method),
    target: withToolVariables(
      targetOf(
        target,
        flags.some(([name]) => name === 'plaintext'),
      ),
      line,
      lost,
    ),
    method,
    messages,
    metadata,
    timeout: maxTime === undefined ? undefined : `${maxTime}s`,
    schema: schemaOf(all('proto'), all('import-path'), all('protoset')),
  };
}

/** A target in which Postman, which copies requests as grpcurl lines, has its own variables; `${HOST}` of a shell stays. */
const withToolVariables = (target: string, line: number, lost: Lost): string =>
  target.includes('{{') ? withVariables(target, line, lost) : target;

function flagsOf(command: string, line: number, lost: Lost) {
  const words: string[] = [];
  const flags: (readonly [string, string])[] = [];
  let all: string[];
  try {
    all = wordsOf(command);
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    lost(line, `a line that ends in the middle: ${error.message}`);
    return undefined;
  }
  for (let at = 0; at < all.length; at++) {
    const word = all[at];
    // What follows is for the shell.
    if (/^\d*[<>]/.test(word)) break;
    const flag = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word);
    if (flag === null) words.push(word);
    else if (flag[2] !== undefined || !WITH_VALUE.has(flag[1])) flags.push([flag[1], flag[2] ?? '']);
    else flags.push([flag[1], all[++at] ?? '']);
  }
  return { words, flags };
}

/** As a file of requests has it: where neither says so, this machine is plaintext and any other is TLS. */
export function targetOf(address: string, isPlaintext: boolean): string {
  const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (isThisMachine(host) === isPlaintext) return address;
  return `${isPlaintext ? 'http' : 'https'}://${address}`;
}

export function schemaOf(
  proto: readonly string[],
  importPath: readonly string[],
  protoset: readonly string[],
): object | undefined {
  const schema = {
    ...(proto.length === 0 ? {} : { proto }),
    ...(importPath.length === 0 ? {} : { importPath }),
    ...(protoset.length === 0 ? {} : { protoset }),
  };
  return Object.keys(schema).length === 0 ? undefined : schema;
}
