// Times as people write them, in files and on the command line: `200ms`, `2s`, `1m30s`; a bare number is seconds, as in grpcurl.

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const PARTS = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

/** Milliseconds of text; undefined for what is no time above 0. */
export function durationMs(text: string): number | undefined {
  const isTime = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text);
  let ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * MS.s : 0;
  for (const [, amount, unit] of isTime ? text.matchAll(PARTS) : []) {
    ms += Number(amount) * MS[unit as keyof typeof MS];
  }
  return ms > 0 ? ms : undefined;
}

/** `200ms`, `2s`, `1m30s` */
export function durationText(ms: number): string {
  if (ms < MS.s || ms % 100 !== 0) return `${Math.round(ms * 100) / 100}ms`;
  const minutes = Math.floor(ms / MS.m);
  const seconds = (ms % MS.m) / MS.s;
  const rest = seconds === 0 && minutes > 0 ? '' : `${Math.round(seconds * 10) / 10}s`;
  return `${minutes > 0 ? `${minutes}m` : ''}${rest}`;
}
