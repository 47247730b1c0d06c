// grpcurl command lines, out of a shell's history, a script or the clipboard.

import { isThisMachine } from '../../channel/target/this-machine.ts';
import { LocalError } from '../command/failure.ts';
import { isStdin } from '../command/standard-input.ts';
import { wordsOf } from '../requests/line-words.ts';
import { addMetadata, type Imported, type ImportedRequest, type Lost, messagesOf } from './imported.ts';

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
    const at = /(?:^|[\s;|&(/])grpcurl(?:\.exe)?\s/.exec(command);
    if (at === null) continue;
    const request = requestOf(command.slice(at.index + at[0].length), start, lost);
    if (request !== undefined) requests.push(request);
  }
  return { requests, variables: new Map() };
}

/** Lines of a shell; a backslash at the end, or an open quote, goes on in the next one. */
function commandsOf(text: string): { readonly command: string; readonly lines: number }[] {
  const found: { command: string; lines: number }[] = [];
  let open: { command: string; lines: number } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const before: { command: string; lines: number } = open ?? { command: '', lines: 0 };
    const isContinued = /\\$/.test(line);
    const command = before.command + (isContinued ? line.slice(0, -1) : line);
    const current = { command, lines: before.lines + 1 };
    if (isContinued || (command.includes('grpcurl') && isOpen(command))) {
      open = isContinued ? current : { ...current, command: `${command}\n` };
    } else {
      found.push(current);
      open = undefined;
    }
  }
  return open === undefined ? found : [...found, open];
}

function isOpen(command: string): boolean {
  try {
    wordsOf(command);
    return false;
  } catch (error) {
    if (error instanceof LocalError) return true;
    throw error;
  }
}

function requestOf(command: string, line: number, lost: Lost): ImportedRequest | undefined {
  const { words, flags } = flagsOf(command, line, lost);
  const hasFiles = flags.some(([name]) => name === 'proto' || name === 'protoset');
  const [target, method] = words.length === 1 && hasFiles ? [undefined, words[0]] : words;
  if (target === undefined || method === undefined || method === 'list' || method === 'describe') {
    lost(line, `a grpcurl line that calls nothing: ${words.join(' ')}`);
    return undefined;
  }
  const all = (name: string): string[] => flags.filter(([one]) => one === name).map(([, value]) => value);
  const metadata = new Map<string, readonly string[]>();
  for (const header of [...all('H'), ...all('rpc-header')]) {
    const [, key, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/s.exec(header) ?? [];
    if (key === undefined) lost(line, 'a header without a colon');
    else addMetadata(metadata, key, value, line, lost);
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
  const maxTime = all('max-time')[0];
  return {
    name: method.replace(/^.*[./]/, ''),
    target: targetOf(
      target,
      flags.some(([name]) => name === 'plaintext'),
    ),
    method,
    messages,
    metadata,
    timeout: maxTime === undefined ? undefined : `${maxTime}s`,
    schema: schemaOf(all('proto'), all('import-path'), all('protoset')),
  };
}

function flagsOf(command: string, line: number, lost: Lost) {
  const words: string[] = [];
  const flags: (readonly [string, string])[] = [];
  let all: string[];
  try {
    all = wordsOf(command);
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    lost(line, `a line that ends in the middle: ${error.message}`);
    return { words, flags };
  }
  for (let at = 0; at < all.length; at++) {
    const word = all[at];
    // What follows is for the shell.
    if (/^(?:\||>|>>|&&|;|2>&1|<)/.test(word)) break;
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
