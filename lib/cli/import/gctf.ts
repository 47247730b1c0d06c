// .gctf files of grpctestify. Its assertions are expressions: those that say what a pattern can say become one.

import { JsonSyntaxError, parseJson } from '../../values/text/json-text.ts';
import { schemaOf, targetOf } from './grpcurl.ts';
import {
  addMetadata,
  type Imported,
  type ImportedRequest,
  type Lost,
  messagesOf,
  valueWithVariables,
  withVariables,
} from './imported.ts';

interface Section {
  readonly name: string;
  readonly options: string;
  readonly line: number;
  readonly text: string;
}

export function importGctf(text: string, name: string, lost: Lost): Imported {
  const common: Section[] = [];
  const requests: ImportedRequest[] = [];
  let own: Section[] | undefined;
  const finish = (): void => {
    if (own === undefined) return;
    const several = requests.length > 0 ? ` ${requests.length + 1}` : '';
    requests.push(requestOf(`${name}${several}`, [...common, ...own], lost));
  };
  for (const section of sectionsOf(text)) {
    if (section.name === 'ENDPOINT') {
      finish();
      own = [section];
    } else (own ?? common).push(section);
  }
  finish();
  if (requests.length === 0) lost(1, 'a file without an ENDPOINT');
  return { requests, variables: new Map() };
}

function sectionsOf(text: string): Section[] {
  const sections: { name: string; options: string; line: number; lines: string[] }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const head = /^---\s*([A-Z_]+)\s*(.*?)\s*---\s*$/.exec(line);
    if (head !== null) sections.push({ name: head[1], options: head[2], line: index + 2, lines: [] });
    else sections.at(-1)?.lines.push(/^\s*#/.test(line) ? '' : line);
  }
  return sections.map(({ lines, ...section }) => ({ ...section, text: lines.join('\n') }));
}

/** `key: value` lines. */
function pairsOf({
  text,
  line,
}: Section): { readonly key: string; readonly value: string; readonly line: number }[] {
  return text.split('\n').flatMap((one, index) => {
    const [, key, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(one) ?? [];
    return key === undefined ? [] : [{ key, value, line: line + index }];
  });
}

function requestOf(name: string, sections: readonly Section[], lost: Lost): ImportedRequest {
  const metadata = new Map<string, readonly string[]>();
  const expect: Record<string, unknown> = {};
  const replies: unknown[] = [];
  const capture: Record<string, unknown> = {};
  const messages: unknown[] = [];
  let [target, method, timeout, retry]: (string | undefined)[] = [];
  let schema: object | undefined;
  for (const section of sections) {
    const { line } = section;
    const text = section.text.trim();
    if (section.name === 'ADDRESS') target = withVariables(targetOf(text, true), line, lost);
    else if (section.name === 'ENDPOINT') method = text;
    else if (section.name === 'REQUEST') messages.push(...messagesOf(section.text, line, lost));
    else if (section.name === 'REQUEST_HEADERS' || section.name === 'HEADERS') {
      for (const pair of pairsOf(section)) addMetadata(metadata, pair.key, pair.value, pair.line, lost);
    } else if (section.name === 'RESPONSE') replies.push(...responseOf(section, lost));
    else if (section.name === 'ERROR') expect['status'] = statusOf(section, lost);
    else if (section.name === 'ASSERTS') assertsOf(section, expect, replies, lost);
    else if (section.name === 'EXTRACT') extractOf(section, capture, lost);
    else if (section.name === 'PROTO') {
      const list = (wanted: RegExp): string[] =>
        pairsOf(section)
          .filter(({ key }) => wanted.test(key))
          .flatMap(({ value }) => value.split(/\s*,\s*/));
      schema = schemaOf(list(/^files$/), list(/^import_paths?$/), list(/^descriptor$/));
    } else if (section.name === 'OPTIONS') {
      for (const { key, value, line: at } of pairsOf(section)) {
        if (key === 'timeout') timeout = /^\d+$/.test(value) ? `${value}s` : value;
        else if (key === 'retry') retry = value;
        else lost(at, `the option ${key}`);
      }
    } else lost(line - 1, `the section ${section.name}`);
  }
  if (replies.length === 1) expect['reply'] = replies[0];
  else if (replies.length > 1) expect['replies'] = replies;
  return {
    name,
    target,
    method: method ?? '',
    messages,
    metadata,
    timeout,
    retry: Number(retry) > 0 ? Number(retry) : undefined,
    schema,
    expect: Object.keys(expect).length === 0 ? undefined : expect,
    capture: Object.keys(capture).length === 0 ? undefined : capture,
  };
}

/** A reply is compared whole, but for `partial`. */
function responseOf({ text, options, line }: Section, lost: Lost): unknown[] {
  for (const option of options.split(/\s+/).filter((one) => one !== '')) {
    if (!/^(?:partial|with_asserts)(?:=true)?$/.test(option))
      lost(line - 1, `the option ${option} of RESPONSE`);
  }
  const isPartial = /\bpartial(?:=true)?(?:\s|$)/.test(options);
  return messagesOf(text, line, lost).map((message) => (isPartial ? message : { $exactly: message }));
}

function statusOf({ text, line }: Section, lost: Lost): unknown {
  const [error] = messagesOf(text, line, lost);
  if (typeof error !== 'object' || error === null) return { code: 'UNKNOWN', message: error };
  const { code, message, details } = error as { code?: unknown; message?: unknown; details?: unknown };
  return {
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(details === undefined ? {} : { details }),
  };
}

const PATH = String.raw`\.((?:[A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)*)`;
const COMPARED = new RegExp(String.raw`^${PATH}(?::\w+)?\s*(==|!=|>=|<=|>|<|contains|matches)\s*(.+)$`);
const LENGTH = new RegExp(String.raw`^(?:${PATH}\s*\|\s*length|@len\(${PATH}\))\s*(==|>=|<=|>|<)\s*(\d+)$`);
const OPERATORS: Readonly<Record<string, string>> = {
  '!=': '$not',
  '>=': '$atLeast',
  '<=': '$atMost',
  '>': '$above',
  '<': '$below',
  contains: '$contains',
  matches: '$matches',
};

function assertsOf(
  { text, line }: Section,
  expect: Record<string, unknown>,
  replies: unknown[],
  lost: Lost,
): void {
  for (const [index, one] of text.split('\n').entries()) {
    const assertion = one.trim();
    if (assertion === '') continue;
    const at = line + index;
    const header = /^@(header|trailer)\("([^"]+)"\)\s*==\s*(".*")$/.exec(assertion);
    const has = /^@has_(header|trailer)\("([^"]+)"\)$/.exec(assertion);
    const found = header ?? has;
    if (found !== null) {
      const key = `${found[1]}s`;
      const value = header === null ? { $present: true } : literalOf(header[3], at, lost);
      const both = placed(expect[key], [found[2].toLowerCase()], value);
      if (both === undefined) lost(at, `the assertion ${assertion}, beside which another value is expected`);
      else expect[key] = both;
      continue;
    }
    const pattern = patternOf(assertion, at, lost);
    // After several replies, which one is meant is not said.
    if (pattern === undefined || replies.length > 1) {
      lost(at, `the assertion ${assertion}`);
      continue;
    }
    const both = placed(replies[0] ?? {}, pattern.path, pattern.value);
    if (both === undefined) lost(at, `the assertion ${assertion}, beside which another value is expected`);
    else replies[0] = both;
  }
}

function patternOf(assertion: string, line: number, lost: Lost) {
  const length = LENGTH.exec(assertion);
  if (length !== null) {
    const [, one, other, operator, text] = length;
    const count = Number(text);
    const value = { $length: operator === '==' ? count : { [OPERATORS[operator]]: count } };
    return { path: (one ?? other).split('.'), value };
  }
  const compared = COMPARED.exec(assertion);
  if (compared === null) return undefined;
  const [, path, operator, text] = compared;
  if (text === 'null') {
    if (operator !== '==' && operator !== '!=') return undefined;
    return { path: path.split('.'), value: { $present: operator === '!=' } };
  }
  const value = literalOf(text, line, lost);
  if (value === undefined) return undefined;
  return { path: path.split('.'), value: operator === '==' ? value : { [OPERATORS[operator]]: value } };
}

function literalOf(text: string, line: number, lost: Lost): unknown {
  const lone = /^"?(\{\{[^{}]*\}\})"?$/.exec(text)?.[1];
  if (lone !== undefined) return withVariables(lone, line, lost);
  try {
    return valueWithVariables(parseJson(text), line, lost);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/** A pattern with another one at a path in it; undefined where it has a value on the way there. */
function placed(pattern: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return pattern === undefined ? value : bothOf(pattern, value);
  if (pattern !== undefined && (!isMembers(pattern) || (isOperators(pattern) && !('$exactly' in pattern)))) {
    return undefined;
  }
  const members = pattern ?? {};
  const key = '$exactly' in members ? '$exactly' : name;
  const inner = placed(members[key], key === name ? rest : [name, ...rest], value);
  return inner === undefined ? undefined : { ...members, [key]: inner };
}

/**
 * A pattern that matches what two of them do; undefined for two values, which nothing is both of. Where both have the same
 * operator, the second stands in an `$any` of one.
 */
function bothOf(one: unknown, other: unknown): unknown {
  if (isSame(one, other)) return one;
  if (!isOperators(one) && !isOperators(other)) return undefined;
  const both: Record<string, unknown> = { ...asOperators(one) };
  const rest: Record<string, unknown> = {};
  for (const [operator, operand] of Object.entries(asOperators(other))) {
    if (!(operator in both)) both[operator] = operand;
    else if (operator === '$not') both['$not'] = { $any: [...alternativesOf(both['$not']), operand] };
    else if (!isSame(both[operator], operand)) rest[operator] = operand;
  }
  if (Object.keys(rest).length === 0) return both;
  const [first] = alternativesOf(both);
  const inner = '$any' in rest ? alternativesOf(rest)[0] : rest;
  const joined = '$any' in both ? bothOf(first, inner) : inner;
  return joined === undefined ? undefined : { ...both, $any: [joined] };
}

const alternativesOf = (pattern: unknown): readonly unknown[] =>
  isMembers(pattern) && Array.isArray(pattern['$any']) ? pattern['$any'] : [pattern];

/** Numbers with all their digits. */
const isSame = (one: unknown, other: unknown): boolean => digits(one) === digits(other);
const digits = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (item instanceof Number ? `number ${item}` : item));

/** Operators stay; a value becomes one, so that it holds beside others. */
const asOperators = (value: unknown): object => (isOperators(value) ? (value as object) : { $any: [value] });

const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);

function isOperators(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).some((key) => key.startsWith('$'));
}

function extractOf({ text, line }: Section, capture: Record<string, unknown>, lost: Lost): void {
  for (const [index, one] of text.split('\n').entries()) {
    if (one.trim() === '') continue;
    const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=\s*(.+?)\s*$/.exec(one) ?? [];
    const path = /^\.((?:[A-Za-z_]\w*)(?:\.[A-Za-z_]\w*|\[\d+\])*)$/.exec(value ?? '')?.[1];
    const header = /^@(header|trailer)\("([^"]+)"\)$/.exec(value ?? '');
    if (name !== undefined && path !== undefined) capture[name] = path;
    else if (name !== undefined && header !== null) capture[name] = { [header[1]]: header[2].toLowerCase() };
    else lost(line + index, `the extraction ${one.trim()}`);
  }
}
