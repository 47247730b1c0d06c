// The reports of a load that a command was asked for: opened before it begins, given when it has ended.

import type { OptionGroup } from '../../command/command-definition.ts';
import { escapeText, jsonText } from '../../command/escape.ts';
import { EXIT, UsageError } from '../../command/failure.ts';
import type { Io } from '../../command/io.ts';
import { NO_COLOUR } from '../../options/output.ts';
import type { LoadSummary } from '../result/summary.ts';
import { ReportFile } from './report-file.ts';
import { terminalReport } from './terminal-report.ts';

export interface ReportValues {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly html?: string;
  readonly color?: boolean;
}

export const REPORT: OptionGroup = {
  title: 'Report',
  options: [
    { flags: '--json', description: 'the report as one JSON object' },
    { flags: '--csv', description: 'the report as comma-separated values, one line per interval' },
    {
      flags: '--html <file>',
      description: 'also write the report as an HTML page with plots',
      completion: 'file',
    },
    NO_COLOUR,
  ],
};

/** Throws a UsageError for options that contradict each other. */
export function checkReports(options: ReportValues): void {
  if (options.json === true && options.csv === true) {
    throw new UsageError('--json and --csv cannot be used together');
  }
}

export class Reports {
  readonly #options: ReportValues;
  readonly #page: ReportFile | undefined;
  readonly #io: Io;

  private constructor(options: ReportValues, page: ReportFile | undefined, io: Io) {
    this.#options = options;
    this.#page = page;
    this.#io = io;
  }

  /** Throws for what cannot be written, and a UsageError for options that contradict each other. */
  static async open(options: ReportValues, io: Io): Promise<Reports> {
    checkReports(options);
    const page = options.html === undefined ? undefined : await ReportFile.open(options.html);
    return new Reports(options, page, io);
  }

  /** @param prints whether standard output gets one, which is not free where results go there */
  async give(summary: LoadSummary, prints = true): Promise<void> {
    // Print first: a full disk must not lose results that took minutes.
    if (prints) await this.#print(summary);
    if (this.#page === undefined) return;
    const { htmlReport } = await import('./html-report.ts');
    await this.#page.write(htmlReport(summary));
  }

  async #print(summary: LoadSummary): Promise<void> {
    const { out } = this.#io;
    if (this.#options.json === true) {
      await out.line(out.colours.json(jsonText(summary, out.isTerminal ? 2 : undefined)));
    } else if (this.#options.csv === true) {
      const { csvReport } = await import('./csv-report.ts');
      await out.write(csvReport(summary));
    } else await out.write(terminalReport(summary, escapeText));
  }
}

/** 0 when any call succeeded, or none was made; otherwise that of the most frequent failure. */
export function exitStatus({ calls, statuses }: LoadSummary): number {
  const [most] = statuses;
  if (calls.ok > 0 || most === undefined) return EXIT.ok;
  return most.code === undefined ? EXIT.failed : EXIT.rpc + most.code;
}
