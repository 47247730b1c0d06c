// What a run prints on a terminal: a line for each file, each failure with what was expected and what came, the place in
// the file, and the line that sends the request again.

import type { RequestFile } from '../../requests/file/request-file.ts';
import { type Place, placeText, type SourceFile } from '../../requests/file/source-file.ts';
import {
  countOf,
  type ReportedFile,
  type ReportedRequest,
  type ReportedRun,
  requestsOf,
} from '../../requests/report/reported-run.ts';
import type { Failure } from '../../requests/run/result.ts';
import type { Secrets } from '../../requests/secrets.ts';
import { escapeText } from '../command/escape.ts';
import type { Output } from '../command/io.ts';
import { formatMs } from '../command/quantity.ts';

const MAX_SOURCE_CHARACTERS = 160;

export class TerminalReport {
  readonly #out: Output;
  readonly #sources: Map<string, SourceFile>;
  readonly #isVerbose: boolean;
  readonly #secrets: Secrets;

  constructor(out: Output, secrets: Secrets, files: readonly RequestFile[], isVerbose: boolean) {
    this.#out = out;
    this.#secrets = secrets;
    this.#sources = new Map(files.map(({ source }) => [source.path, source]));
    this.#isVerbose = isVerbose;
  }

  /** A file that a run reads besides those of requests: one of snapshots. */
  reads(source: SourceFile): void {
    this.#sources.set(source.path, source);
  }

  /** A file that has run. */
  file({ file, requests, durationMs, error }: ReportedFile): void {
    const { green, red, yellow, dim } = this.#out.colours;
    if (error !== undefined) {
      this.#line(`${red('✗')} ${file}: nothing was sent`);
      this.#line(`      ${error}`);
      return;
    }
    // None of its requests was asked for.
    if (requests.length === 0) return;
    const [passed, failed, skipped] = [
      countOf(requests, 'passed'),
      countOf(requests, 'failed'),
      countOf(requests, 'skipped'),
    ];
    const mark = failed > 0 ? red('✗') : passed === 0 ? yellow('-') : green('✓');
    const counts = [
      passed > 0 ? `${passed} passed` : '',
      failed > 0 ? red(`${failed} failed`) : '',
      skipped > 0 ? yellow(`${skipped} skipped`) : '',
    ].filter((text) => text !== '');
    this.#line(`${mark} ${file}: ${counts.join(', ')} ${dim(`(${formatMs(durationMs)})`)}`);
    for (const request of requests) this.#request(request);
  }

  #request(result: ReportedRequest): void {
    const { green, red, yellow, dim, bold } = this.#out.colours;
    const { outcome, name, durationMs, attempts, reason } = result;
    const again = attempts > 1 ? `, ${attempts} attempts` : '';
    if (outcome === 'passed') {
      if (this.#isVerbose || attempts > 1) {
        this.#line(`  ${green('✓')} ${name} ${dim(`(${formatMs(durationMs)}${again})`)}`);
      }
      return;
    }
    if (outcome === 'skipped') {
      this.#line(`  ${yellow('-')} ${name}: skipped: ${reason ?? ''}`);
      return;
    }
    const took = dim(`${result.method} (${formatMs(durationMs)}${again})`);
    this.#line(`  ${red('✗')} ${bold(name)}  ${took}`);
    if (reason !== undefined) this.#line(`      ${reason}`);
    if (result.failures.length === 0) this.#sourceLine([result.place]);
    for (const failures of byLine(result.failures)) {
      for (const failure of failures) this.#failure(failure);
      this.#sourceLine(failures.map((failure) => failure.place));
    }
    if (result.again !== undefined) {
      this.#line(`      ${dim('again:')} ${result.again}`);
    }
  }

  #failure({ subject, expected, actual }: Failure): void {
    const { green, red, bold } = this.#out.colours;
    this.#line(`      ${bold(subject)}`);
    this.#line(`        expected ${green(expected)}`);
    this.#line(`        came     ${red(actual)}`);
  }

  /** The line of the file that asked for what did not come, with a mark under each place in it. */
  #sourceLine(places: readonly Place[]): void {
    const [place] = places;
    const { dim, cyan } = this.#out.colours;
    const text = this.#sources.get(place.file)?.lineText(place.line);
    this.#line(`      ${dim('-->')} ${placeText(place)}`);
    if (text === undefined) return;
    const number = String(place.line);
    const shown = this.#secrets.masked(text.replaceAll('\t', ' '));
    this.#line(`      ${cyan(number)} ${dim('|')} ${escapeText(shown.slice(0, MAX_SOURCE_CHARACTERS))}`);
    const columns = new Set(places.map(({ column }) => column).filter((one) => one <= MAX_SOURCE_CHARACTERS));
    if (columns.size === 0) return;
    const marks = Array.from({ length: Math.max(...columns) }, (_, at) => (columns.has(at + 1) ? '^' : ' '));
    this.#line(`      ${' '.repeat(number.length)} ${dim('|')} ${cyan(marks.join(''))}`);
  }

  /** The last line: how many there were. */
  summary(run: ReportedRun): void {
    const { green, red, yellow, bold } = this.#out.colours;
    const { files, durationMs } = run;
    const requests = requestsOf(run);
    const errors = files.filter(({ error }) => error !== undefined).length;
    const [passed, failed, skipped] = [
      countOf(requests, 'passed'),
      countOf(requests, 'failed'),
      countOf(requests, 'skipped'),
    ];
    const parts = [
      errors > 0 ? red(`${errors} ${errors === 1 ? 'file' : 'files'} not sent`) : '',
      failed > 0 ? red(`${failed} failed`) : '',
      skipped > 0 ? yellow(`${skipped} skipped`) : '',
      passed > 0 ? green(`${passed} passed`) : '',
    ].filter((text) => text !== '');
    const total = `${requests.length} ${requests.length === 1 ? 'request' : 'requests'}`;
    const inFiles = `${files.length} ${files.length === 1 ? 'file' : 'files'}`;
    this.#line(
      `${bold(parts.join(', ') || 'nothing was run')}: ${total} in ${inFiles} (${formatMs(durationMs)})`,
    );
  }

  #line(text: string): void {
    void this.#out.line(text);
  }
}

/** Failures that the same line of a file asked for, those behind one another. */
function byLine(failures: readonly Failure[]): readonly (readonly Failure[])[] {
  const groups: Failure[][] = [];
  for (const failure of failures) {
    const last = groups.at(-1)?.[0].place;
    if (last?.file === failure.place.file && last.line === failure.place.line) groups.at(-1)?.push(failure);
    else groups.push([failure]);
  }
  return groups;
}
