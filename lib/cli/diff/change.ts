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
  MESSAGE_REMOVED: 'source',
  MESSAGE_ADDED: 'none',
  FIELD_REMOVED: 'json',
  FIELD_ADDED: 'none',
  FIELD_NUMBER_CHANGED: 'wire',
  FIELD_NAME_CHANGED: 'source',
  FIELD_JSON_NAME_CHANGED: 'json',
  FIELD_TYPE_CHANGED: 'wire',
  FIELD_TYPE_WIDENED: 'json',
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

/** Whether a change breaks somebody at a level: at `json` all of `wire` counts too. */
export function isBreakingAt(change: Change, level: Breaks): boolean {
  return change.breaks !== 'none' && LEVELS.indexOf(change.breaks) <= LEVELS.indexOf(level);
}
