// What came of a run as JUnit XML, for CI systems: a suite for each file, a case for each request.

import { placeText } from '../file/source-file.ts';
import {
  countsOf,
  failureLine,
  failureLines,
  type ReportedFile,
  type ReportedRequest,
  type ReportedRun,
  requestsOf,
} from './reported-run.ts';

export function junitXml(run: ReportedRun): string {
  const errors = run.files.filter(({ error }) => error !== undefined).length;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts(requestsOf(run), errors)} time="${seconds(run.durationMs)}">`,
    ...run.files.flatMap(suite),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function suite({ file, requests, durationMs, error }: ReportedFile): string[] {
  const name = attribute(file);
  const failed =
    error === undefined
      ? []
      : [
          `    <testcase name="${name}" classname="${name}">`,
          `      <error message="${attribute(error)}"/>`,
          '    </testcase>',
        ];
  return [
    `  <testsuite name="${name}" ${counts(requests, failed.length === 0 ? 0 : 1)} time="${seconds(durationMs)}">`,
    ...failed,
    ...requests.flatMap(testCase),
    '  </testsuite>',
  ];
}

function testCase(request: ReportedRequest): string[] {
  const { name, file, place, durationMs, outcome, reason, failures, again } = request;
  const head = `    <testcase name="${attribute(name)}" classname="${attribute(file)}" file="${attribute(file)}" line="${place.line}" time="${seconds(durationMs)}"`;
  if (outcome === 'passed') return [`${head}/>`];
  if (outcome === 'skipped') {
    return [`${head}>`, `      <skipped message="${attribute(reason ?? '')}"/>`, '    </testcase>'];
  }
  const details = [
    ...failures.map((failure) => `${failureLine(failure)}\n  at ${placeText(failure.place)}`),
    ...(reason === undefined ? [] : [reason]),
    ...(again === undefined ? [] : [`again: ${again}`]),
  ];
  const type = failures[0]?.subject.replace(/[.[].*$/, '') ?? 'request';
  return [
    `${head}>`,
    `      <failure message="${attribute(failureLines(request)[0] ?? '')}" type="${attribute(type)}">${content(details.join('\n'))}</failure>`,
    '    </testcase>',
  ];
}

function counts(requests: readonly ReportedRequest[], errors: number): string {
  const { failed, skipped } = countsOf(requests);
  return `tests="${requests.length + errors}" failures="${failed}" errors="${errors}" skipped="${skipped}"`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** Characters that XML 1.0 has no place for, besides controls, which reported texts have none of. */
const NOT_IN_XML = /[\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const content = (text: string): string =>
  text
    .replace(NOT_IN_XML, (char) => `\\u${char.charCodeAt(0).toString(16)}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

const attribute = (text: string): string => content(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;');
