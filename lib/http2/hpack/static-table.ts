// The static table of HPACK (RFC 7541 Appendix A), by index and by content.

/** Name, value, name, value, …: entry `i` (from 1) is at `2 * i` and `2 * i + 1`; entry 0 does not exist. */
// biome-ignore format: one entry of Appendix A a line would be three screens
export const STATIC_FIELDS: readonly string[] = [
  '', '',
  ':authority', '', ':method', 'GET', ':method', 'POST', ':path', '/', ':path', '/index.html',
  ':scheme', 'http', ':scheme', 'https', ':status', '200', ':status', '204', ':status', '206',
  ':status', '304', ':status', '400', ':status', '404', ':status', '500', 'accept-charset', '',
  'accept-encoding', 'gzip, deflate', 'accept-language', '', 'accept-ranges', '', 'accept', '',
  'access-control-allow-origin', '', 'age', '', 'allow', '', 'authorization', '', 'cache-control', '',
  'content-disposition', '', 'content-encoding', '', 'content-language', '', 'content-length', '',
  'content-location', '', 'content-range', '', 'content-type', '', 'cookie', '', 'date', '', 'etag', '',
  'expect', '', 'expires', '', 'from', '', 'host', '', 'if-match', '', 'if-modified-since', '',
  'if-none-match', '', 'if-range', '', 'if-unmodified-since', '', 'last-modified', '', 'link', '',
  'location', '', 'max-forwards', '', 'proxy-authenticate', '', 'proxy-authorization', '', 'range', '',
  'referer', '', 'refresh', '', 'retry-after', '', 'server', '', 'set-cookie', '',
  'strict-transport-security', '', 'transfer-encoding', '', 'user-agent', '', 'vary', '', 'via', '',
  'www-authenticate', '',
];

/** The number of entries; the dynamic table's indices begin after it. */
export const STATIC_ENTRIES: number = STATIC_FIELDS.length / 2 - 1;

const byName = new Map<string, number>();
const byField = new Map<string, number>();
for (let index = STATIC_ENTRIES; index > 0; index--) {
  byName.set(STATIC_FIELDS[2 * index], index);
  byField.set(fieldKey(STATIC_FIELDS[2 * index], STATIC_FIELDS[2 * index + 1]), index);
}

/** A name and a value as one string, joined by NUL, which is legal in neither. */
export function fieldKey(name: string, value: string): string {
  return `${name}\0${value}`;
}

/** The lowest index of an entry with this name, or 0. */
export function staticNameIndex(name: string): number {
  return byName.get(name) ?? 0;
}

/** The index of exactly this field, or 0. */
export function staticFieldIndex(name: string, value: string): number {
  return byField.get(fieldKey(name, value)) ?? 0;
}
