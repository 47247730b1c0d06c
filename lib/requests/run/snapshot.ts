// What came of a request once, kept in a file beside that of the requests, as patterns for the next time. They are patterns
// like any others, and may be edited; where they no longer hold, what differs alone is replaced.

import { Client, type MethodDescription } from '../../index.ts';
import { isOperator } from '../../schema/matching/operators.ts';
import { markedPattern, patternOf } from '../../schema/matching/pattern-of-message.ts';
import type { SourceFile, SourceNode } from '../file/source-file.ts';
import { literalText, literalValue } from '../file/template.ts';
import type { CallRecord } from './call-record.ts';

/** The snapshots of a file of requests. */
export interface SnapshotFile {
  readonly source: SourceFile;
  /** By the names of requests, with the numbers of their rows. */
  readonly entries: ReadonlyMap<string, SourceNode>;
}

export const SNAPSHOT_KEYS: readonly string[] = ['status', 'reply', 'replies'];

/** What a call came to, as patterns. */
export function snapshotOf(client: Client, method: MethodDescription, record: CallRecord): object {
  const plan = Client.registryOf(client).plan(method.replyType);
  const { error, replies } = record;
  const patterns = replies.map((reply) => ({ $exactly: literalValue(patternOf(plan, reply)) }));
  const status =
    error === undefined ? {} : { status: { code: error.codeName, message: literalText(error.details) } };
  if (method.cardinality.endsWith('stream')) return { ...status, replies: patterns };
  return error === undefined ? { reply: patterns[0] } : status;
}

/** What a reply is in JSON as a pattern in a file: texts and keys that would be taken for something else are marked. */
export const writtenPattern = (json: unknown): unknown => literalValue(markedPattern(json));

/**
 * A snapshot with what no longer holds taken from what came now; what was edited and still holds stays.
 * @param failed what differs: `reply.items[0].price`
 */
export function renewedSnapshot(old: unknown, fresh: unknown, failed: readonly string[], path = ''): unknown {
  const isBelow = (one: string): boolean =>
    one === path || one.startsWith(`${path}.`) || one.startsWith(`${path}[`);
  if (path !== '' && old !== undefined && !failed.some(isBelow)) return old;
  if (Array.isArray(old) && Array.isArray(fresh)) {
    return fresh.map((item, index) => renewedSnapshot(old[index], item, failed, `${path}[${index}]`));
  }
  if (!isMembers(old) || !isMembers(fresh)) return fresh;
  const operators = Object.keys(old).filter(isOperator);
  // What stands in `$exactly` has the path of the whole.
  if (operators.length === 1 && operators[0] === '$exactly' && '$exactly' in fresh) {
    return { $exactly: renewedSnapshot(old['$exactly'], fresh['$exactly'], failed, path) };
  }
  const whole = '$exactly' in fresh && isMembers(fresh['$exactly']) ? fresh['$exactly'] : fresh;
  if (operators.length > 0) return fresh;
  const entries = Object.entries(whole).map(([key, item]) => {
    const inner = path === '' ? key : `${path}.${key}`;
    return [key, renewedSnapshot(old[key], item, failed, inner)];
  });
  return Object.fromEntries(entries);
}

function isMembers(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
