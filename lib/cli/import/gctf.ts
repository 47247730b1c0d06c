// .gctf files of grpctestify: one request after another, in sections.

import { parseYaml } from '../client/yaml-text.ts';
import { addAssertion, isMembers } from './gctf-assertions.ts';
import { schemaOf, targetOf } from './grpcurl.ts';
import {
  addMetadata,
  type Imported,
  type ImportedRequest,
  type Lost,
  messagesOf,
  withVariables,
} from './imported.ts';

interface Section {
  readonly name: string;
  readonly options: string;
  readonly line: number;
  readonly text: string;
}

/** What stands before the ENDPOINT that it is meant for; others stand behind theirs. */
const BEFORE_ENDPOINT = new Set(['ADDRESS', 'TLS', 'PROTO', 'OPTIONS', 'REQUEST_HEADERS', 'HEADERS']);

export function importGctf(text: string, name: string, lost: Lost): Imported {
  const sections = sectionsOf(text);
  const documents = documentsOf(sections.filter((section) => section.name !== 'META'));
  if (documents.length === 0) lost(1, 'a file without an ENDPOINT');
  const meta = sections.find((section) => section.name === 'META');
  const head: Head = { name, ...(meta === undefined ? {} : headOf(meta, lost)) };
  const requests = documents.map((own, index) => {
    const called = index === 0 ? head : { name: `${head.name} ${index + 1}`, tags: head.tags };
    return { ...called, ...requestOf(own, lost) };
  });
  return { requests, variables: new Map() };
}

/** What META says of a file. */
type Head = Pick<ImportedRequest, 'name' | 'description' | 'tags'>;

function headOf({ text, line }: Section, lost: Lost): Partial<Head> {
  let meta: unknown;
  try {
    meta = parseYaml(text);
  } catch {
    lost(line - 1, 'the section META, which is not YAML');
  }
  const head: { name?: string; description?: string; tags?: readonly string[] } = {};
  for (const [key, value] of isMembers(meta) ? Object.entries(meta) : []) {
    if (key === 'name') head.name = String(value);
    else if (key === 'summary') head.description = String(value);
    else if (key === 'tags') head.tags = [value].flat().map(String);
    else lost(line + text.split('\n').findIndex((one) => one.startsWith(key)), `'${key}' of META`);
  }
  return head;
}

/** The sections of each request. */
function documentsOf(sections: readonly Section[]): readonly (readonly Section[])[] {
  const documents: Section[][] = [];
  let own: Section[] = [];
  let waiting: Section[] = [];
  for (const section of sections) {
    if (section.name === 'ENDPOINT') {
      own = [...waiting, section];
      waiting = [];
      documents.push(own);
    } else if (BEFORE_ENDPOINT.has(section.name) && (own.length === 0 || hasContent(own))) {
      waiting.push(section);
    } else {
      own.push(...waiting, section);
      waiting = [];
    }
  }
  own.push(...waiting);
  return documents;
}

const hasContent = (sections: readonly Section[]): boolean =>
  sections.some(({ name }) => name !== 'ENDPOINT' && !BEFORE_ENDPOINT.has(name));

function sectionsOf(text: string): Section[] {
  const sections: { name: string; options: string; line: number; lines: string[] }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const head = /^---\s*([A-Z_]+)\s*(.*?)\s*---\s*$/.exec(line);
    if (head !== null) sections.push({ name: head[1], options: head[2], line: index + 2, lines: [] });
    else sections.at(-1)?.lines.push(/^\s*(?:#|\/\/)/.test(line) ? '' : line);
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

function requestOf(sections: readonly Section[], lost: Lost): Omit<ImportedRequest, keyof Head> {
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
    else if (section.name === 'ASSERTS') {
      for (const [index, one] of section.text.split('\n').entries()) {
        const assertion = one.trim();
        if (assertion !== '') addAssertion(assertion, expect, replies, line + index, lost);
      }
    } else if (section.name === 'EXTRACT') extractOf(section, capture, lost);
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
  const wanted = new Map<string, string | undefined>();
  for (const option of options.split(/\s+/).filter((one) => one !== '')) {
    const [name, value] = option.split('=');
    wanted.set(name, value);
  }
  const isSet = (option: string): boolean => wanted.has(option) && wanted.get(option) !== 'false';
  for (const [option, value] of wanted) {
    if (!['partial', 'with_asserts', 'tolerance', 'unordered_arrays'].includes(option))
      lost(line - 1, `the option ${option}${value === undefined ? '' : `=${value}`} of RESPONSE`);
  }
  const tolerance = Number(wanted.get('tolerance') ?? 0);
  const looser = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      const items = value.map(looser);
      return isSet('unordered_arrays') ? { $unordered: items } : items;
    }
    // A fraction cannot be the tolerance of an integer, which a whole number most likely is.
    const isNumber = typeof value === 'number' && (Number.isInteger(tolerance) || !Number.isInteger(value));
    if (isNumber) return tolerance > 0 ? { $near: value, $within: tolerance } : value;
    if (!isMembers(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, looser(item)]));
  };
  return messagesOf(text, line, lost).map((message) => {
    const pattern = looser(message);
    return isSet('partial') ? pattern : { $exactly: pattern };
  });
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
