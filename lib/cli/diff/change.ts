// What can change between two schemas, by name, and whom each change breaks. Data only.

/**
 * What a change breaks: `wire`: programs that exchange bytes; `json`: those that exchange ProtoJSON; `source`: code
 * that was generated, or that names fields; `none`: nobody. Each includes those behind it.
 */
export type Breaks = 'wire' | 'json' | 'source' | 'none';

export const LEVELS: readonly Breaks[] = ['wire', 'json', 'source', 'none'];

/** The rules, and the most that each of them breaks. */
export const RULES = {
  SERVICE_REMOVED: 'wire',
  SERVICE_ADDED: 'none',
  METHOD_REMOVED: 'wire',
  METHOD_ADDED: 'none',
  METHOD_STREAMING_CHANGED: 'wire',
  METHOD_REQUEST_TYPE_CHANGED: 'wire',
  METHOD_REPLY_TYPE_CHANGED: 'wire',
  METHOD_IDEMPOTENCY_WEAKENED: 'wire',
  METHOD_IDEMPOTENCY_STRENGTHENED: 'none',
  MESSAGE_REMOVED: 'source',
  MESSAGE_ADDED: 'none',
  FIELD_REMOVED: 'json',
  FIELD_ADDED: 'none',
  FIELD_NUMBER_CHANGED: 'wire',
  FIELD_NAME_CHANGED: 'source',
  FIELD_JSON_NAME_CHANGED: 'json',
  FIELD_TYPE_CHANGED: 'wire',
  FIELD_TYPE_WIDENED: 'json',
  FIELD_ENCODING_CHANGED: 'wire',
  FIELD_PACKED_CHANGED: 'none',
  FIELD_REPEATED_CHANGED: 'wire',
  FIELD_REQUIRED_CHANGED: 'wire',
  FIELD_PRESENCE_CHANGED: 'source',
  FIELD_ONEOF_CHANGED: 'wire',
  FIELD_DEFAULT_CHANGED: 'wire',
  ENUM_REMOVED: 'source',
  ENUM_ADDED: 'none',
  ENUM_CLOSED_CHANGED: 'wire',
  ENUM_VALUE_REMOVED: 'json',
  ENUM_VALUE_ADDED: 'none',
  ENUM_VALUE_NAME_CHANGED: 'json',
  ENUM_VALUE_NUMBER_CHANGED: 'wire',
  RESERVED_NUMBER_REMOVED: 'wire',
  RESERVED_NAME_REMOVED: 'json',
  RESERVED_ADDED: 'none',
  EXTENSION_RANGE_REMOVED: 'wire',
  EXTENSION_RANGE_ADDED: 'none',
  EXTENSION_REMOVED: 'json',
  EXTENSION_ADDED: 'none',
  KIND_CHANGED: 'wire',
} as const satisfies Readonly<Record<string, Breaks>>;

export type Rule = keyof typeof RULES;

export interface Change {
  readonly rule: Rule;
  readonly breaks: Breaks;
  /** Full name of what changed. */
  readonly symbol: string;
  /** `int32 is now string` */
  readonly text: string;
}

/** Notes a change. */
export type Note = (rule: Rule, symbol: string, text: string) => void;

/** Whether a change breaks somebody at a level: at `json` all of `wire` counts too. */
export function isBreakingAt(change: Change, level: Breaks): boolean {
  return change.breaks !== 'none' && LEVELS.indexOf(change.breaks) <= LEVELS.indexOf(level);
}
