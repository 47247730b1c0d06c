// Descriptors in one comparable form, whether they are ours or a foreign decoder's ProtoJSON: 64-bit integers as
// decimal text, bytes as base64, well-known types as their ProtoJSON, and of source locations those of
// declarations (we do not record every token's, as protoc does).

const COMMENTED: readonly RegExp[] = [
  /^(?:3|15),\d+$/,
  // Statements of which there may be several; and options, whose numbers may be any.
  /^7$/,
  /^4,\d+(?:,3,\d+)*,(?:5|6|9|10)$/,
  /^(?:5,\d+|4,\d+(?:,3,\d+)*,4,\d+),[45]$/,
  /^8(?:,\d+)+$/,
  /^4,\d+(?:,3,\d+)*,7(?:,\d+)+$/,
  /^4,\d+(?:,3,\d+)*,8,\d+,2(?:,\d+)+$/,
  /^(?:5,\d+|4,\d+(?:,3,\d+)*,4,\d+),3(?:,\d+)+$/,
  /^6,\d+,3(?:,\d+)+$/,
  /^6,\d+,2,\d+,4(?:,\d+)+$/,
  /^(?:2|12|14)$/,
  /^[567],\d+$/,
  /^5,\d+,2,\d+$/,
  /^6,\d+,2,\d+$/,
  /^4,\d+(?:,3,\d+)*$/,
  /^4,\d+(?:,3,\d+)*,(?:2|6|8|4),\d+$/,
  /^4,\d+(?:,3,\d+)*,4,\d+,2,\d+$/,
];

/** The form in which two descriptors are compared. */
export function comparableDescriptor(file: unknown): unknown {
  const plain = comparable(file, '');
  if (!isRecord(plain)) return plain;
  const info = plain['sourceCodeInfo'];
  if (isRecord(info)) plain['sourceCodeInfo'] = locations(info['location']);
  return plain;
}

/** Path → what is recorded there. */
function locations(list: unknown): Record<string, unknown> {
  const byPath: Record<string, unknown> = {};
  if (!Array.isArray(list)) return byPath;
  for (const location of list) {
    if (!isRecord(location)) continue;
    const path = String(location['path'] ?? '');
    if (!COMMENTED.some((pattern) => pattern.test(path)) || path in byPath) continue;
    byPath[path] = { ...location, path };
  }
  return byPath;
}

function comparable(value: unknown, key: string): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return comparableNumber(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((item) => comparable(item, key));
  if (!isRecord(value)) return value;
  const keys = Object.keys(value);
  // Timestamp and Duration, which ProtoJSON writes as strings: neither is compared by its text.
  if (keys.length > 0 && keys.every((name) => name === 'seconds' || name === 'nanos')) return 'time';
  return Object.fromEntries(keys.map((name) => [name, comparable(value[name], name)]));
}

function comparableNumber(value: number): unknown {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return 'Infinity';
  if (value === Number.NEGATIVE_INFINITY) return '-Infinity';
  return Object.is(value, -0) ? 0 : value;
}

/** Where two values first differ, in words, or undefined. */
export function firstDifference(expected: unknown, actual: unknown, path = ''): string | undefined {
  if (isRecord(expected) && isRecord(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const difference = firstDifference(expected[key], actual[key], `${path}.${key}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
      const difference = firstDifference(expected[i], actual[i], `${path}[${i}]`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (expected === actual) return undefined;
  // ProtoJSON's text of a time.
  if (actual === 'time' && typeof expected === 'string') return undefined;
  return `${path}: expected ${show(expected)}, is ${show(actual)}`;
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 300);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
