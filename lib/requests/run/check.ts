// A call held against what was expected of it.

import { type Ending, shownDetails } from '../../schema/matching/status-pattern.ts';
import { durationText } from '../../values/text/duration-text.ts';
import type { SavedRequest } from '../file/request-file.ts';
import { placeAtPath, type SourceFile } from '../file/source-file.ts';
import type { BoundRequest, NodePattern } from './bound-request.ts';
import type { CallRecord } from './call-record.ts';
import { valueAtPath } from './capture.ts';
import type { Failure } from './result.ts';

/** What of a request's expectations was not met, in the order in which they stand in for one another. */
export function failuresOf(
  source: SourceFile,
  request: SavedRequest,
  bound: BoundRequest,
  record: CallRecord,
): readonly Failure[] {
  const { expect } = request;
  const failures: Failure[] = [];
  const tell = (at: number, subject: string, expected: string, actual: string): void => {
    failures.push({ place: source.placeOf(at), subject, expected, actual });
  };
  const tellAll = <T>(pattern: NodePattern<T> | undefined, subject: string, value: T): boolean => {
    const differences = pattern?.pattern.differences(value) ?? [];
    for (const { path, expected, actual } of differences) {
      const whole = path === '' ? subject : `${subject}${path.startsWith('[') ? '' : '.'}${path}`;
      const { source: file = source, node } = pattern ?? {};
      const place = file.placeOf(node === undefined ? 0 : placeAtPath(node, path));
      failures.push({ place, subject: whole, expected, actual });
    }
    return differences.length === 0;
  };
  const isStatusMet = checkStatus(bound, record, tellAll, tell, expect.at || request.at);
  if (isStatusMet || record.replies.length > 0) {
    if (record.replies.length > 0 || bound.reply === undefined) {
      tellAll(bound.reply, 'reply', record.replies[0]);
    } else if (!(isStatusMet && record.error !== undefined && expect.snapshot)) {
      tell(
        bound.reply.source === source ? bound.reply.node.at : expect.snapshotAt,
        'reply',
        'a reply',
        'none',
      );
    }
    tellAll(bound.replies, 'replies', record.replies);
  }
  tellAll(bound.headers, 'headers', record.headers);
  tellAll(bound.trailers, 'trailers', record.trailers);
  checkTimes(request, record, tell, isStatusMet);
  return failures;
}

type Tell = (at: number, subject: string, expected: string, actual: string) => void;

function checkStatus(
  { status }: BoundRequest,
  { error, status: ended, endedFor }: CallRecord,
  tellAll: (pattern: NodePattern<Ending>, subject: string, ending: Ending) => boolean,
  tell: Tell,
  at: number,
): boolean {
  if (endedFor !== undefined) return true;
  if (status === undefined) {
    if (error === undefined) return true;
    tell(at, 'status', 'OK', `${error.message}${shownDetails(error)}`);
    return false;
  }
  return tellAll(status, 'status', error ?? ended);
}

function checkTimes({ expect }: SavedRequest, record: CallRecord, tell: Tell, isStatusMet: boolean): void {
  const { within, gap, quietFor } = expect;
  const { durationMs, repliedMs, endedFor } = record;
  if (within !== undefined && durationMs > within.ms) {
    tell(within.at, 'within', `at most ${durationText(within.ms)}`, durationText(durationMs));
  }
  if (gap !== undefined) {
    const gaps = repliedMs.slice(1).map((ms, index) => ms - repliedMs[index]);
    const longest = Math.max(0, ...gaps);
    if (longest > gap.ms) {
      const before = gaps.indexOf(longest) + 1;
      tell(
        gap.at,
        'gap',
        `at most ${durationText(gap.ms)}`,
        `${durationText(longest)} before reply [${before}]`,
      );
    }
  }
  // That a call which failed did not stay open is not news, and another reply is told as such.
  if (quietFor !== undefined && endedFor === undefined && isStatusMet) {
    const ended = `the call ended ${durationText(durationMs)} after it began`;
    tell(quietFor.at, 'quietFor', `an open stream, silent for ${durationText(quietFor.ms)}`, ended);
  }
}

/** What a request keeps for later ones; each that did not come is a failure. */
export function capturesOf(
  source: SourceFile,
  request: SavedRequest,
  record: CallRecord,
  isStream: boolean,
): { readonly captured: ReadonlyMap<string, unknown>; readonly failures: readonly Failure[] } {
  const captured = new Map<string, unknown>();
  const failures: Failure[] = [];
  for (const { name, at, from, path } of request.captures) {
    const value =
      from === 'reply'
        ? valueAtPath(isStream ? record.replies : record.replies[0], path)
        : (from === 'header' ? record.headers : record.trailers).get(path);
    if (value !== undefined) captured.set(name, value);
    else {
      const what = from === 'reply' ? `${path} in the reply` : `the ${from} ${path}`;
      failures.push({
        place: source.placeOf(at),
        subject: `capture.${name}`,
        expected: what,
        actual: record.replies.length === 0 && from === 'reply' ? 'no reply' : 'nothing there',
      });
    }
  }
  return { captured, failures };
}
