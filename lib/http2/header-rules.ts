// Which lists of header fields are well-formed in HTTP/2 (RFC 9113 §8.2, §8.3). Pure: says what is wrong with
// a list, or what the connection needs to know of it. What follows from that is decided elsewhere.
// docs/header-rules.md goes through the rules one by one, with what other implementations do.

import type { FieldList } from './handlers.ts';

/** What a check found out about a head. */
export interface Head {
  /** The first thing that makes the list malformed, or '' when it is well-formed. */
  fault: string;
  /** `:status` of a response, otherwise 0. */
  status: number;
  /** The value of content-length, or -1 without one. */
  contentLength: number;
}

const RESPONSE_PSEUDO: readonly string[] = [':status'];
const REQUEST_PSEUDO: readonly string[] = [':method', ':scheme', ':authority', ':path'];

/** Fields that HTTP/1.1 needs for its connections and HTTP/2 forbids (§8.2.2). */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** Octets that a name in lower case may have: RFC 9110's token without upper-case letters. */
const NAME_OCTETS: Uint8Array = octetTable("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz");

function octetTable(allowed: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < allowed.length; i++) table[allowed.charCodeAt(i)] = 1;
  return table;
}

/** Checks the head of a response. */
export function checkResponseHead(fields: FieldList, head: Head): void {
  checkList(fields, RESPONSE_PSEUDO, true, head);
  if (head.fault === '' && head.status === 0) head.fault = 'a response without :status';
}

/** Checks the head of a request. */
export function checkRequestHead(fields: FieldList, head: Head): void {
  checkList(fields, REQUEST_PSEUDO, false, head);
  if (head.fault !== '') return;
  const method = pseudoValue(fields, ':method');
  const isConnect = method === 'CONNECT';
  for (const name of REQUEST_PSEUDO) {
    const value = pseudoValue(fields, name);
    const isForbidden = isConnect && (name === ':scheme' || name === ':path');
    const isOptional = name === ':authority' && !isConnect;
    if (isForbidden && value !== undefined) head.fault = `a CONNECT request with ${name}`;
    if (!isForbidden && !isOptional && value === undefined) head.fault = `a request without ${name}`;
    if (name === ':path' && value === '') head.fault = 'a request with an empty :path';
  }
}

/** Checks trailers, which have no pseudo-header fields at all (§8.1). `isResponse`: a server sent them. */
export function checkTrailers(fields: FieldList, isResponse: boolean, head: Head): void {
  checkList(fields, [], isResponse, head);
}

function pseudoValue(fields: FieldList, name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}

/**
 * With `allowsEdges`, values may begin or end with a blank: servers send such values (PROTOCOL-HTTP2.md lets a status
 * text have unescaped spaces), we forward them to no one who could be misled, and the answer is still readable.
 */
function checkList(fields: FieldList, pseudo: readonly string[], allowsEdges: boolean, head: Head): void {
  head.fault = '';
  head.status = 0;
  head.contentLength = -1;
  let isPastPseudo = false;
  for (let i = 0; i < fields.length && head.fault === ''; i += 2) {
    const name = fields[i];
    const value = fields[i + 1];
    if (name.charCodeAt(0) === COLON) {
      if (isPastPseudo) head.fault = `pseudo-header field ${name} after other fields`;
      else if (!pseudo.includes(name))
        head.fault = `pseudo-header field ${printable(name)} is not allowed here`;
      else if (indexOfName(fields, name) !== i) head.fault = `pseudo-header field ${name} appears twice`;
      else if (name === ':status') head.status = statusOf(value, head);
    } else {
      isPastPseudo = true;
      if (!isName(name)) head.fault = `invalid field name "${printable(name)}"`;
      else if (CONNECTION_SPECIFIC.has(name)) head.fault = `connection-specific field ${name}`;
      else if (name === 'te' && value !== 'trailers')
        head.fault = `connection-specific field te: ${printable(value)}`;
      else if (name === 'content-length') checkContentLength(value, head);
    }
    if (head.fault === '' && !isValue(value, allowsEdges)) head.fault = `invalid value of field ${name}`;
  }
}

const COLON = 0x3a;

function indexOfName(fields: FieldList, name: string): number {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return i;
  return -1;
}

function statusOf(value: string, head: Head): number {
  if (value === '200') return 200;
  if (/^[1-9][0-9]{2}$/.test(value)) return Number(value);
  head.fault = `:status "${printable(value)}" is not three digits`;
  return 0;
}

function checkContentLength(value: string, head: Head): void {
  // A number of up to 15 digits is exact. Where blanks at the edges are a fault, isValue finds them.
  const length = /^[ \t]*[0-9]{1,15}[ \t]*$/.test(value) ? Number(value) : -1;
  if (length < 0) head.fault = `content-length "${printable(value)}" is not a number`;
  else if (head.contentLength >= 0 && head.contentLength !== length)
    head.fault = 'two different content-lengths';
  else head.contentLength = length;
}

function isName(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (NAME_OCTETS[name.charCodeAt(i)] === 0) return false;
  return name.length > 0;
}

/** Whether it has no NUL, CR or LF, and no space or tab at either end unless that is allowed (§8.2.1). */
function isValue(value: string, allowsEdges: boolean): boolean {
  const { length } = value;
  if (length === 0) return true;
  for (let i = 0; i < length; i++) {
    const octet = value.charCodeAt(i);
    if (octet <= 13 && (octet === 0 || octet === 10 || octet === 13)) return false;
  }
  return allowsEdges || (!isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(length - 1)));
}

function isBlank(octet: number): boolean {
  return octet === 0x20 || octet === 0x09;
}

const MAX_SHOWN = 64;

/** Text from the peer, made safe and short enough for an error text. */
export function printable(text: string): string {
  const shown = text.replace(/[^\x20-\x7e]/g, '.');
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
}
