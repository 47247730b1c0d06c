// The reports of a load that a command was asked for: opened before it begins, given when it has ended.

import { resolve } from 'node:path';
import type { OptionGroup } from '../../command/command-definition.ts';
import { escapeText } from '../../command/escape.ts';
import { EXIT, UsageError } from '../../command/failure.ts';
import type { Io } from '../../command/io.ts';
import { notice } from '../../command/notice.ts';
import { NO_COLOUR } from '../../options/output.ts';
import { gateText, judge } from '../gates/gate.ts';
import { conditionsOf, FAIL, type GateValues } from '../gates/gate-options.ts';
import type { Measurements } from '../result/measurements.ts';
import type { LoadSummary, MeasuredLoad } from '../result/summary.ts';
import type { OtlpPush, PushedLoad } from './otlp-push.ts';
import { ReportFile } from './report-file.ts';
import { terminalReport } from './terminal-report.ts';

export interface ReportValues extends GateValues {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly html?: string;
  readonly openmetrics?: string;
  readonly k6Summary?: string;
  readonly otlp?: string;
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
    {
      flags: '--openmetrics <file>',
      description: 'also write the result as OpenMetrics text, for Prometheus',
      completion: 'file',
    },
    {
      flags: '--k6-summary <file>',
      description: "also write the result as JSON in the form of k6's handleSummary",
      completion: 'file',
    },
    {
      flags: '--otlp <url>',
      description:
        'send metrics to an OpenTelemetry collector (http://127.0.0.1:4318) every 10 s and at the end, with @opentelemetry/exporter-metrics-otlp-proto, which you install',
      parse: parseCollector,
    },
    FAIL,
    NO_COLOUR,
  ],
};

/**
 * Throws a UsageError for options that contradict each other, or would write one file twice.
 * @param inputs files that are read, which no report may take the place of
 */
export function checkReports(
  options: ReportValues & { readonly result?: string },
  inputs: readonly string[] = [],
): void {
  if (options.json === true && options.csv === true) {
    throw new UsageError('--json and --csv cannot be used together');
  }
  const read = new Set(inputs.map((path) => resolve(path)));
  const written = new Map<string, string>();
  for (const [flag, path] of [
    ['--result', options.result],
    ['--html', options.html],
    ['--openmetrics', options.openmetrics],
    ['--k6-summary', options.k6Summary],
  ] as const) {
    if (path === undefined || (path === '-' && flag === '--result')) continue;
    if (path === '-') {
      throw new UsageError(
        `${flag} takes the name of a file; standard output has the report, or --json, --csv`,
      );
    }
    const file = resolve(path);
    // Pipes and devices keep nothing, and may be written to by several.
    if (file.startsWith('/dev/')) continue;
    if (read.has(file)) {
      throw new UsageError(
        `${flag} would take the place of ${path}, which is read; give it a file of its own`,
      );
    }
    const other = written.get(file);
    if (other !== undefined) {
      throw new UsageError(`${other} and ${flag} would both write ${path}; give each a file of its own`);
    }
    written.set(file, flag);
  }
}

function parseCollector(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UsageError(`'${text}' is not the address of a collector; write it as in http://127.0.0.1:4318`);
}

/** Reports in files: what each is made by. Most loads have none, so that they are imported when there is one. */
const FILES: Readonly<
  Record<'html' | 'openmetrics' | 'k6Summary', (measured: MeasuredLoad) => Promise<string>>
> = {
  html: async ({ summary }) => (await import('./html-report.ts')).htmlReport(summary),
  openmetrics: async (measured) => (await import('./openmetrics-report.ts')).openMetricsReport(measured),
  k6Summary: async (measured) => `${JSON.stringify((await import('./k6-summary.ts')).k6Summary(measured))}\n`,
};

type FileReport = readonly [file: ReportFile, make: (measured: MeasuredLoad) => Promise<string>];

export class Reports {
  readonly #options: ReportValues;
  readonly #files: readonly FileReport[];
  readonly #push: OtlpPush | undefined;
  readonly #io: Io;

  private constructor(
    options: ReportValues,
    files: readonly FileReport[],
    push: OtlpPush | undefined,
    io: Io,
  ) {
    this.#options = options;
    this.#files = files;
    this.#push = push;
    this.#io = io;
  }

  /** Throws for what cannot be written. @param options that checkReports has let pass */
  static async open(options: ReportValues, io: Io): Promise<Reports> {
    const files: FileReport[] = [];
    for (const name of ['html', 'openmetrics', 'k6Summary'] as const) {
      const path = options[name];
      if (path !== undefined) files.push([await ReportFile.open(path), FILES[name]]);
    }
    return new Reports(options, files, await pushOf(options, io), io);
  }

  /** A load begins: collectors are told of it before it ends. */
  follow(about: PushedLoad, load: { readonly measured: Measurements | undefined }): void {
    this.#push?.follow(about, () => load.measured);
  }

  /**
   * Gives whether all conditions of --fail hold.
   * @param prints whether standard output gets one, which is not free where results go there
   */
  async give(measured: MeasuredLoad, prints = true): Promise<boolean> {
    const conditions = conditionsOf(this.#options);
    const gates = judge(conditions, measured);
    const summary = conditions.length === 0 ? measured.summary : { ...measured.summary, gates };
    const judged = { summary, measurements: measured.measurements };
    // Print first: a full disk must not lose results that took minutes.
    if (prints) await this.#print(summary);
    const broken = gates.filter(({ holds }) => !holds);
    for (const gate of broken) notice(this.#io, gateText(gate));
    for (const [file, make] of this.#files) await file.write(this.#io.out.masked(await make(judged)));
    await this.#push?.end(summary, measured.measurements);
    return broken.length === 0;
  }

  async #print(summary: LoadSummary): Promise<void> {
    const { out } = this.#io;
    if (this.#options.json === true) {
      await out.json(summary);
    } else if (this.#options.csv === true) {
      const { csvReport } = await import('./csv-report.ts');
      await out.write(csvReport(summary));
    } else await out.write(terminalReport(summary, escapeText));
  }
}

async function pushOf({ otlp }: ReportValues, io: Io): Promise<OtlpPush | undefined> {
  if (otlp === undefined) return undefined;
  const { OtlpPush, otlpExporter } = await import('./otlp-push.ts');
  return new OtlpPush(await otlpExporter(otlp), (problem) => notice(io, problem));
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
