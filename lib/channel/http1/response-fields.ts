// The header fields of an HTTP/1.1 message as the waist has them: lower-case names, and nothing that is between the two ends
// of a connection only (RFC 9110 §7.6.1).

import type { FieldList } from '../../rpc/transport.ts';

/** What is about the connection, besides the fields that `connection` names. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** RFC 9113 §6.5.2, which is how the limit of a list counts. */
const FIELD_OVERHEAD_OCTETS = 32;

/**
 * Appends to `fields` what of a message's fields is for the other end.
 * @param raw name, value, name, value, … as they came
 */
export function appendFields(fields: string[], raw: FieldList): string[] {
  let named: ReadonlySet<string> | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    if (name === 'connection') named = withNamed(named, raw[i + 1]);
    if (!OF_THE_CONNECTION.has(name)) fields.push(name, raw[i + 1]);
  }
  return named === undefined ? fields : withoutNamed(fields, named);
}

function withNamed(named: ReadonlySet<string> | undefined, value: string): ReadonlySet<string> | undefined {
  const lower = value.toLowerCase();
  if (lower === 'close' || lower === 'keep-alive') return named;
  return new Set([...(named ?? []), ...lower.split(',').map((option) => option.trim())]);
}

function withoutNamed(fields: readonly string[], named: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) if (!named.has(fields[i])) kept.push(fields[i], fields[i + 1]);
  return kept;
}

export function listOctets(fields: FieldList): number {
  let octets = 0;
  for (let i = 0; i < fields.length; i += 2)
    octets += fields[i].length + fields[i + 1].length + FIELD_OVERHEAD_OCTETS;
  return octets;
}

/**
 * Whether node:http undoes a `transfer-encoding`. A client that sends no TE is sent nothing but chunks (RFC 9112 §7), and
 * node:http gives what lies below them as it is; `identity`, which older servers name, was nothing at all.
 */
export function isKnownCoding(value: string): boolean {
  return value === 'chunked' || /^(?:chunked|identity)$/i.test(value);
}

/** The seconds that `keep-alive: timeout=5` tells, in milliseconds; undefined where none are told. */
export function keepAliveMs(value: string | undefined): number | undefined {
  const seconds = value === undefined ? null : /(?:^|[,;\s])timeout=(\d{1,9})(?:$|[,;\s])/i.exec(value);
  return seconds === null ? undefined : Number(seconds[1]) * 1000;
}
