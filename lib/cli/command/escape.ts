// Values as JSON that a terminal may see. What makes text safe for it is values/text/escaped-text.ts, which the debug
// log shares.

import { escapeJson } from '../../values/text/escaped-text.ts';

export { escapeJson, escapeLines, escapeText } from '../../values/text/escaped-text.ts';

/** A value as JSON that a terminal may see; bytes in base64. */
export function jsonText(value: unknown, indent?: number): string {
  return escapeJson(
    JSON.stringify(
      value,
      (_key, item: unknown) => {
        if (typeof item === 'bigint') return String(item);
        if (item instanceof Uint8Array) return Buffer.from(item).toString('base64');
        return item;
      },
      indent,
    ) ?? 'null',
  );
}
