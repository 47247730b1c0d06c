// Times and sizes as people write them: `500ms`, `5s`, `2m`, `4MiB`.

import { durationMs } from '../../values/text/duration-text.ts';
import { UsageError } from './failure.ts';

const BYTES = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1000,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1e9,
  gb: 1e9,
  gib: 1024 ** 3,
} as const;

/** Milliseconds; a bare number is seconds, as in grpcurl. `none` is Infinity. */
export function parseDuration(text: string): number {
  if (text === 'none' || text === 'infinity') return Infinity;
  const ms = durationMs(text);
  if (ms === undefined) throw new UsageError(`'${text}' is not a time; write 500ms, 5s, 1m30s, or none`);
  return ms;
}

/** Milliseconds that are waited or spent rather than a limit, so that `none` is 0, as a default says it. */
export function parsePause(text: string): number {
  if (/^(?:none|0(?:ms|s|m|h)?)$/.test(text)) return 0;
  const ms = parseDuration(text);
  if (ms === Infinity) throw new UsageError(`'${text}' would last for ever; write 500ms, 5s, 1m30s, or none`);
  return ms;
}

/** What `parseDuration` reads as so many milliseconds. */
export function writeDuration(ms: unknown): string {
  return ms === Infinity ? 'none' : `${String(ms)}ms`;
}

/** Bytes; `none` is Infinity. */
export function parseSize(text: string): number {
  if (text === 'none' || text === 'infinity') return Infinity;
  const match = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text);
  const unit = BYTES[(match?.[2].toLowerCase() ?? '') as keyof typeof BYTES];
  if (match === null || unit === undefined) {
    throw new UsageError(`'${text}' is not a size; write 65536, 512KiB, 4MiB, or none`);
  }
  return Math.floor(Number(match[1]) * unit);
}

/** A whole number of at least `least`, and at most `most`. */
export function parseCount(text: string, least = 0, most = Infinity): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`'${text}' is not a whole number of at least ${least}`);
  }
  if (value > most) throw new UsageError(`'${text}' is more than ${most}`);
  return value;
}

/** A whole number above 0; `none` is Infinity. */
export function parseLimit(text: string): number {
  return text === 'none' || text === 'infinity' ? Infinity : parseCount(text, 1);
}

/** `1.23 ms`, `4.50 s` */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** `12 bytes`, `1.5 MiB` */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const units = ['KiB', 'MiB', 'GiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}
