// Checks of the options of everything that a client does with its schema alone: ProtoJSON, text format, files.

import { checkCodec } from '../call/call-options.ts';
import type { ToJsonOptions, ToJsonTextOptions } from '../schema/codec/json/json.ts';
import type { CodecName } from '../schema/codec/method.ts';
import type { WriteProtosOptions } from '../schema/print/write-schema.ts';
import type { FromJsonOptions } from '../schema/registry/registry.ts';
import type { ToTextOptions } from '../schema/text/text-format.ts';
import { checkNames, flag } from '../values/options/option-checks.ts';

const TO_JSON_NAMES = ['emitDefaults', 'unknownFields', 'protoNames'] as const;
/** The maximum that JSON.stringify accepts. */
const MAX_INDENT = 10;

export function checkToJsonOptions(options: ToJsonOptions | undefined): void {
  if (options !== undefined) checkFlags(options, TO_JSON_NAMES, [], 'toJson option');
}

export function checkToJsonTextOptions(options: ToJsonTextOptions | undefined): void {
  if (options === undefined) return;
  checkFlags(options, TO_JSON_NAMES, ['indent'], 'toJsonString option');
  const { indent } = options;
  if (indent === undefined || (Number.isInteger(indent) && indent >= 0 && indent <= MAX_INDENT)) return;
  throw new RangeError(`indent must be an integer from 0 to ${MAX_INDENT}, not ${String(indent)}`);
}

export function checkFromJsonOptions(options: FromJsonOptions | undefined): void {
  if (options !== undefined) checkFlags(options, ['ignoreUnknown'], [], 'fromJson option');
}

export function checkToTextOptions(options: ToTextOptions | undefined): void {
  if (options !== undefined) checkFlags(options, ['unknownFields'], [], 'toText option');
}

/** Options of `encode` and `decode`. */
export interface EncodingOptions {
  /** What the bytes are: protobuf's wire format, or ProtoJSON in UTF-8. Default the client's `codec`. */
  readonly codec?: CodecName | undefined;
}

/** The codec that the options say; undefined for the wire format. */
export function checkEncodingOptions(
  options: EncodingOptions | undefined,
  ofClient: 'json' | undefined,
): 'json' | undefined {
  if (options === undefined) return ofClient;
  checkNames(options, ['codec'], 'encode option');
  return options.codec === undefined ? ofClient : checkCodec(options.codec);
}

export function checkWriteProtosOptions(options: WriteProtosOptions | undefined): void {
  if (options !== undefined) checkFlags(options, ['overwrite'], [], 'writeProtos option');
}

/** TypeError for any other name, and for a flag that is neither true nor false. */
export function checkFlags(
  options: object,
  flags: readonly string[],
  others: readonly string[],
  what: string,
): void {
  checkNames(options, [...flags, ...others], what);
  for (const name of flags) flag(name, Reflect.get(options, name), false);
}
