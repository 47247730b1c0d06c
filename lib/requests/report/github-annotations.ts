// Failures as GitHub shows them beside the lines of a file: workflow commands on standard output.

import type { Place } from '../file/source-file.ts';
import { failureLine, type ReportedRun } from './reported-run.ts';

/** A command for each failure. */
export function githubAnnotations({ files }: ReportedRun): readonly string[] {
  return files.flatMap(({ file, requests, error }) => {
    const ofFile = error === undefined ? [] : [annotation({ file, line: 1, column: 1 }, file, error)];
    const ofRequests = requests.flatMap(({ name, place, failures, reason, reasonAt, outcome }) => {
      if (outcome !== 'failed') return [];
      const why = reason === undefined ? [] : [annotation(reasonAt ?? place, name, reason)];
      return [...failures.map((failure) => annotation(failure.place, name, failureLine(failure))), ...why];
    });
    return [...ofFile, ...ofRequests];
  });
}

/** A mistake in a file, before anything was sent. */
export function annotation({ file, line, column }: Place, title: string, text: string): string {
  return `::error file=${property(file)},line=${line},col=${column},title=${property(title)}::${data(text)}`;
}

const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
