// Which of the values that requests capture are secrets: those of which the file says so, and those that look like one by
// their name, by that of the field or header they come from, by what they are, or by what they are used for.

import { isSecret as looksSecret } from '../../values/secret-metadata.ts';
import { jsonOf } from '../file/template.ts';
import type { Secrets } from '../secrets.ts';
import type { Captured } from './check.ts';

/** Hides of a captured value what is secret. Throws a RangeError when there is more than can be hidden. */
export function hideCaptured(secrets: Secrets, name: string, { value, isSecret, path }: Captured): void {
  if (isSecret === false) return;
  const field = /([\w-]+)[^\w-]*$/.exec(path)?.[1] ?? '';
  const isWhole = isSecret ?? [name, field].some((one) => looksSecret(one.toLowerCase(), ''));
  for (const [key, text, isText] of textsOf(jsonOf(value), '')) {
    // Numbers and the like are no secrets because of a name: `tokens: 1024`.
    const isHidden = isWhole ? isSecret === true || isText : isText && looksSecret(key.toLowerCase(), text);
    if (isHidden) secrets.addCaptured(name, text);
  }
}

/** Hides what of the captured values went into metadata that is secret by its name or its value. */
export function hideUsed(
  secrets: Secrets,
  metadata: readonly (readonly [string, string | Uint8Array])[],
  captured: ReadonlyMap<string, Captured>,
): void {
  for (const [name, value] of metadata) {
    if (!looksSecret(name, value)) continue;
    const text = typeof value === 'string' ? value : Buffer.from(value).toString('base64');
    for (const [variable, { value: one, isSecret }] of captured) {
      const part = typeof one === 'object' ? undefined : String(one);
      if (isSecret !== false && part !== undefined && text.includes(part)) {
        secrets.addCaptured(variable, part);
      }
    }
  }
}

/** The texts, numbers and so on in a value of JSON, each with the key that it has. */
function* textsOf(
  value: unknown,
  key: string,
): Generator<readonly [key: string, text: string, isText: boolean]> {
  if (Array.isArray(value)) for (const item of value) yield* textsOf(item, key);
  else if (typeof value === 'object' && value !== null && !(value instanceof Number)) {
    for (const [name, item] of Object.entries(value)) yield* textsOf(item, name);
  } else if (value !== null && value !== undefined && typeof value !== 'boolean') {
    yield [key, String(value), typeof value === 'string'];
  }
}
