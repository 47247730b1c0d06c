// What the specs of lib/schema/matching share: messages made by the codec, patterns compiled for them, and what differs.

import { formatDifferences } from '../../../lib/schema/matching/difference.ts';
import { compilePattern, type PatternOptions } from '../../../lib/schema/matching/pattern.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { decoded, encoded } from '../schemas.ts';

/** The message that a server would have sent, as a client has it. */
export function received(registry: Registry, type: string, fields: unknown): unknown {
  const codec = registry.message(type);
  return decoded(codec, encoded(codec, fields));
}

/** What differs, a line for each field. */
export function differences(
  registry: Registry,
  type: string,
  fields: unknown,
  pattern: unknown,
  options?: PatternOptions,
): string[] {
  const compiled = compilePattern(registry.plan(type), pattern, options);
  const text = formatDifferences(compiled.differences(received(registry, type, fields)));
  return text === '' ? [] : text.split('\n');
}
