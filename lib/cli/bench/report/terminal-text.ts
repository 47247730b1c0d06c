// Numbers as a terminal's reports show them.

export function milliseconds(ms: number | null): string {
  if (ms === null) return '-';
  if (ms >= 10_000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 3)} ms`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
