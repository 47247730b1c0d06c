// A comparison as text for people.

import type { ComparedMetric, Comparison, Verdict } from './compare-runs.ts';
import type { Side } from './result-runs.ts';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  worse: 'worse',
  better: 'better',
  small: 'changed, but less than the tolerance',
  noise: 'may be noise',
  unknown: 'unknown',
};

const HEAD = ['', 'before', 'after', 'change', 'the true change lies between', ''];

/**
 * @param paint colours a line by its verdict
 * @param printable makes what the results say harmless to a terminal
 */
export function comparisonText(
  comparison: Comparison,
  before: Side,
  after: Side,
  paint: (verdict: Verdict, text: string) => string,
  printable: (text: string) => string,
): string {
  const { metrics, confidence, noise } = comparison;
  const rows = metrics.map((metric) => [
    metric.name,
    figure(metric.before, metric),
    figure(metric.after, metric),
    signed(metric.change, metric),
    metric.interval === null ? '' : metric.interval.map((value) => signed(value, metric)).join(' and '),
    said(metric),
  ]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 || column === 5 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd();
  const runs = (side: Side): string =>
    `${printable(side.name)} (${side.runs.length === 1 ? 'one run' : `${side.runs.length} runs`})`;
  return [
    `${printable(before.plan.method)}: ${runs(before)}, then ${runs(after)}`,
    '',
    line(HEAD),
    ...rows.map((row, index) => paint(metrics[index].verdict, line(row))),
    '',
    `Each interval holds the true change with a confidence of ${confidence.toFixed(1)} %, all together with one of 95 %.`,
    noise === 'runs'
      ? 'Noise is what differs between the runs of a side.'
      : 'Noise is what differs within each run. How much one run differs from the next is not in it: for that, give several\nruns of each (a folder of results, or a file with several).',
    '',
  ].join('\n');
}

function said({ verdict, reason, change }: ComparedMetric): string {
  if (reason !== undefined) return reason;
  return change === 0 ? 'no change' : VERDICTS[verdict];
}

function figure(value: number | null, { unit }: ComparedMetric): string {
  if (value === null) return '-';
  return unit === '%'
    ? `${value.toFixed(3)} %`
    : unit === 'ms'
      ? `${rounded(value)} ms`
      : `${rounded(value)}/s`;
}

/** To three or four digits. */
function rounded(value: number): string {
  const digits = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function signed(value: number | null, { unit }: ComparedMetric): string {
  if (value === null) return '';
  const digits = unit === '%' ? 3 : 1;
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)} ${unit === '%' ? 'points' : '%'}`;
}
