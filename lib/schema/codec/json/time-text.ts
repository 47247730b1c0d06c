// Points in time and spans as text: RFC 3339 for Timestamp, `1.5s` for Duration, exact to the nanosecond, as
// ProtoJSON has them; and the ranges of both. What is beyond them has no text; what was parsed, callers check. Knows
// nothing of messages.

/** Seconds, and nanoseconds beyond them, which is how both messages hold time. */
export interface SecondsAndNanos {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** 0001-01-01T00:00:00Z */
export const MIN_TIMESTAMP_SECONDS = -62135596800n;
/** 9999-12-31T23:59:59Z */
export const MAX_TIMESTAMP_SECONDS = 253402300799n;
/** About 10,000 years. */
export const MAX_DURATION_SECONDS = 315576000000n;
const MAX_NANOS = 999_999_999;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d\d):(\d\d))$/;
const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

const nanosOf = (fraction: string | undefined): number => Number((fraction ?? '').padEnd(9, '0'));

/** Reads RFC 3339 text; undefined when it is malformed or names a date or time that does not exist. */
export function parseTimestamp(text: string): SecondsAndNanos | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // Date rolls over what is too large; then the text names a moment that does not exist.
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  const offsetHours = Number(match[10] ?? 0);
  const offsetMinutes = Number(match[11] ?? 0);
  if (!isReal || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offset = (offsetHours * 60 + offsetMinutes) * 60 * (match[9] === '-' ? -1 : 1);
  return { seconds: BigInt(date.getTime() / 1000 - offset), nanos: nanosOf(match[7]) };
}

/** Reads `1.5s`; undefined when the text is not a duration. */
export function parseDuration(text: string): SecondsAndNanos | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const sign = match[1] === '-' ? -1 : 1;
  const nanos = nanosOf(match[3]) * sign;
  // -0 would be one more value with the same meaning.
  return { seconds: BigInt(match[2]) * BigInt(sign), nanos: nanos === 0 ? 0 : nanos };
}

/** As many of 0, 3, 6 or 9 digits as are needed, after a point. */
function fractionText(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`;
  return digits.endsWith('000') ? `.${digits.slice(0, 6)}` : `.${digits}`;
}

/** RFC 3339 in UTC; undefined when the values are out of Timestamp's range. */
export function formatTimestamp(seconds: bigint, nanos: number): string | undefined {
  const inRange =
    seconds >= MIN_TIMESTAMP_SECONDS && seconds <= MAX_TIMESTAMP_SECONDS && nanos >= 0 && nanos <= MAX_NANOS;
  if (!inRange) return undefined;
  const toSecond = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${toSecond}${fractionText(nanos)}Z`;
}

/** `-1.500s`; undefined when the values are out of Duration's range or their signs differ. */
export function formatDuration(seconds: bigint, nanos: number): string | undefined {
  if (!isDuration(seconds, nanos)) return undefined;
  const sign = seconds < 0n || nanos < 0 ? '-' : '';
  return `${sign}${seconds < 0n ? -seconds : seconds}${fractionText(Math.abs(nanos))}s`;
}

/** Whether these are a Duration: in range, and not of different signs. */
export function isDuration(seconds: bigint, nanos: number): boolean {
  if (seconds > MAX_DURATION_SECONDS || seconds < -MAX_DURATION_SECONDS) return false;
  if (Math.abs(nanos) > MAX_NANOS) return false;
  return !(seconds > 0n && nanos < 0) && !(seconds < 0n && nanos > 0);
}
