// The reports of a load that a command was asked for: opened before it begins, given when it has ended.

import type { OptionGroup } from '../../command/command-definition.ts';
import { escapeText, jsonText } from '../../command/escape.ts';
import { EXIT, UsageError } from '../../command/failure.ts';
import type { Io } from '../../command/io.ts';
import { notice } from '../../command/notice.ts';
import { NO_COLOUR } from '../../options/output.ts';
import { gateText, judge } from '../gates/gate.ts';
import { conditionsOf, FAIL, type GateValues } from '../gates/gate-options.ts';
import type { LoadSummary, MeasuredLoad } from '../result/summary.ts';
import { ReportFile } from './report-file.ts';
import { terminalReport } from './terminal-report.ts';

export interface ReportValues extends GateValues {
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
    FAIL,
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

  /**
   * Gives whether all conditions of --fail hold.
   * @param prints whether standard output gets one, which is not free where results go there
   */
  async give(measured: MeasuredLoad, prints = true): Promise<boolean> {
    const conditions = conditionsOf(this.#options);
    const gates = judge(conditions, measured);
    const summary = conditions.length === 0 ? measured.summary : { ...measured.summary, gates };
    // Print first: a full disk must not lose results that took minutes.
    if (prints) await this.#print(summary);
    const broken = gates.filter(({ holds }) => !holds);
    for (const gate of broken) notice(this.#io, gateText(gate));
    if (this.#page !== undefined) {
      const { htmlReport } = await import('./html-report.ts');
      await this.#page.write(htmlReport(summary));
    }
    return broken.length === 0;
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

/**
 * 0 when any call succeeded, or none was made; otherwise that of the most frequent failure.
 * @param holds whether all conditions of --fail do; 1 otherwise
 */
export function exitStatus({ calls, statuses }: LoadSummary, holds: boolean): number {
  const [most] = statuses;
  if (calls.ok > 0 || most === undefined) return holds ? EXIT.ok : EXIT.failed;
  return most.code === undefined ? EXIT.failed : EXIT.rpc + most.code;
}
