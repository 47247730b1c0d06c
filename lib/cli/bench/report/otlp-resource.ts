// Who it is that sends metrics to an OpenTelemetry collector: its resource, with what the environment says of it
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration).

import { randomUUID } from 'node:crypto';
import { VERSION } from '../../../values/version.ts';
import { LocalError } from '../../command/failure.ts';
import type { Environment } from '../../command/io.ts';

export type ResourceAttributes = Readonly<Record<string, string>>;

/**
 * OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, and what neither of them says. Each process is an instance of its own: a
 * collector keeps one cumulative series for each resource, and shards of one load would overwrite each other's.
 *
 * Errors: LocalError for attributes that are none.
 */
export function resourceAttributes(env: Environment): ResourceAttributes {
  const name = env['OTEL_SERVICE_NAME'] ?? '';
  return {
    'service.name': 'stubless bench',
    'service.version': VERSION,
    'service.instance.id': randomUUID(),
    ...attributesOf(env['OTEL_RESOURCE_ATTRIBUTES'] ?? ''),
    ...(name === '' ? {} : { 'service.name': name }),
  };
}

/** `key=value,key=value`, with octets of either as `%2C` where they would end it. */
function attributesOf(text: string): ResourceAttributes {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      const key = pair.slice(0, at).trim();
      try {
        if (at !== -1 && key !== '') {
          return [decodeURIComponent(key), decodeURIComponent(pair.slice(at + 1).trim())];
        }
      } catch {
        // Told below.
      }
      throw new LocalError(
        `OTEL_RESOURCE_ATTRIBUTES has ${JSON.stringify(pair.trim())} where key=value is expected, with ',' and '%' in them as %2C and %25`,
      );
    }),
  );
}
