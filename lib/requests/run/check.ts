// A call held against what was expected of it.

import type { Difference } from '../../matching/difference.ts';
import { durationText } from '../file/duration.ts';
import type { SavedRequest } from '../file/request-file.ts';
import { placeAtPath, type SourceFile, type SourceNode } from '../file/source-file.ts';
import type { BoundRequest } from './bound-request.ts';
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
  const tellAll = (node: SourceNode, subject: string, differences: readonly Difference[]): void => {
    for (const { path, expected, actual } of differences) {
      const whole = path === '' ? subject : `${subject}${path.startsWith('[') ? '' : '.'}${path}`;
      tell(placeAtPath(node, path), whole, expected, actual);
    }
  };
  const isStatusMet = checkStatus(bound, record, tellAll, tell, expect.at || request.at);
  if (isStatusMet || record.replies.length > 0) {
    if (bound.reply !== undefined) {
      const { node, pattern } = bound.reply;
      if (record.replies.length === 0) tell(node.at, 'reply', 'a reply', 'none');
      else tellAll(node, 'reply', pattern.differences(record.replies[0]));
    }
    if (bound.replies !== undefined) {
      tellAll(bound.replies.node, 'replies', bound.replies.pattern.differences(record.replies));
    }
  }
  if (bound.headers !== undefined) {
    tellAll(bound.headers.node, 'headers', bound.headers.pattern.differences(record.headers));
  }
  if (bound.trailers !== undefined) {
    tellAll(bound.trailers.node, 'trailers', bound.trailers.pattern.differences(record.trailers));
  }
  checkTimes(request, record, tell);
  return failures;
}

type Tell = (at: number, subject: string, expected: string, actual: string) => void;

function checkStatus(
  { status }: BoundRequest,
  { error, status: ended, wentQuiet }: CallRecord,
  tellAll: (node: SourceNode, subject: string, differences: readonly Difference[]) => void,
  tell: Tell,
  at: number,
): boolean {
  if (wentQuiet) return true;
  if (status === undefined) {
    if (error === undefined) return true;
    tell(at, 'status', 'OK', error.message);
    return false;
  }
  const differences = status.pattern.differences(error ?? ended);
  tellAll(status.node, 'status', differences);
  return differences.length === 0;
}

function checkTimes({ expect }: SavedRequest, record: CallRecord, tell: Tell): void {
  const { within, gap, quietFor } = expect;
  const { durationMs, repliedMs, wentQuiet } = record;
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
  if (quietFor !== undefined && !wentQuiet) {
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
