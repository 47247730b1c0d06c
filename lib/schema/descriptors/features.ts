// Editions features: the defaults of proto2, proto3 and each edition, and what a file, message, field, oneof or enum sets
// for itself and all it contains (protobuf.dev/editions/features). Knows no plans or values.

import type { FileDescriptorProto, Options } from './descriptor-types.ts';

/** The features that change how values are read, written or shown. */
export interface Features {
  readonly fieldPresence: 'EXPLICIT' | 'IMPLICIT' | 'LEGACY_REQUIRED';
  readonly enumType: 'OPEN' | 'CLOSED';
  readonly repeatedFieldEncoding: 'PACKED' | 'EXPANDED';
  readonly utf8Validation: 'VERIFY' | 'NONE';
  readonly messageEncoding: 'LENGTH_PREFIXED' | 'DELIMITED';
  readonly jsonFormat: 'ALLOW' | 'LEGACY_BEST_EFFORT';
}

const PROTO2: Features = {
  fieldPresence: 'EXPLICIT',
  enumType: 'CLOSED',
  repeatedFieldEncoding: 'EXPANDED',
  utf8Validation: 'NONE',
  messageEncoding: 'LENGTH_PREFIXED',
  jsonFormat: 'LEGACY_BEST_EFFORT',
};

const PROTO3: Features = {
  fieldPresence: 'IMPLICIT',
  enumType: 'OPEN',
  repeatedFieldEncoding: 'PACKED',
  utf8Validation: 'VERIFY',
  messageEncoding: 'LENGTH_PREFIXED',
  jsonFormat: 'ALLOW',
};

/** Edition 2023; the features that 2024 and 2026 added or changed concern names and visibility, not values. */
const EDITION_2023: Features = { ...PROTO3, fieldPresence: 'EXPLICIT' };

const VALUES: { readonly [K in keyof Features]: readonly Features[K][] } = {
  fieldPresence: ['EXPLICIT', 'IMPLICIT', 'LEGACY_REQUIRED'],
  enumType: ['OPEN', 'CLOSED'],
  repeatedFieldEncoding: ['PACKED', 'EXPANDED'],
  utf8Validation: ['VERIFY', 'NONE'],
  messageEncoding: ['LENGTH_PREFIXED', 'DELIMITED'],
  jsonFormat: ['ALLOW', 'LEGACY_BEST_EFFORT'],
};

const EDITION_NUMBERS = new Map<number, Features>([
  [998, PROTO2],
  [999, PROTO3],
  [1000, EDITION_2023],
  [1001, EDITION_2023],
  [1002, EDITION_2023],
]);

const EDITION_NAMES = new Map<string, Features>([
  ['EDITION_PROTO2', PROTO2],
  ['EDITION_PROTO3', PROTO3],
  ['EDITION_2023', EDITION_2023],
  ['EDITION_2024', EDITION_2023],
  ['EDITION_2026', EDITION_2023],
]);

/** The defaults of a file's syntax or edition; undefined for one that we do not know. */
export function editionDefaults(file: FileDescriptorProto): Features | undefined {
  const { syntax, edition } = file;
  if (syntax === 'proto3') return PROTO3;
  if (syntax === undefined || syntax === '' || syntax === 'proto2') return PROTO2;
  if (syntax !== 'editions') return undefined;
  if (typeof edition === 'number') return EDITION_NUMBERS.get(edition);
  return typeof edition === 'string' ? EDITION_NAMES.get(edition) : undefined;
}

function pick<K extends keyof Features>(key: K, own: Record<string, unknown>, parent: Features): Features[K] {
  const value = own[key];
  return VALUES[key].find((v) => v === value) ?? parent[key];
}

/** The features of an element with these options inside one that has the features `parent`. */
export function inheritFeatures(parent: Features, options: Options | undefined): Features {
  const own = options?.['features'];
  if (typeof own !== 'object' || own === null) return parent;
  const set = own as Record<string, unknown>;
  return {
    fieldPresence: pick('fieldPresence', set, parent),
    enumType: pick('enumType', set, parent),
    repeatedFieldEncoding: pick('repeatedFieldEncoding', set, parent),
    utf8Validation: pick('utf8Validation', set, parent),
    messageEncoding: pick('messageEncoding', set, parent),
    jsonFormat: pick('jsonFormat', set, parent),
  };
}
