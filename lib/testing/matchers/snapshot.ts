// Replies and errors in snapshots: as ProtoJSON, with their members in the order of the alphabet, as the entries of a map
// come in any order. Without what differs from run to run: metadata, addresses, stacks.

import { messageToJson } from '../../schema/codec/json/json.ts';
import { planOf } from '../../schema/codec/message-class.ts';
import { setOwn } from '../../values/own-property.ts';
import { isObject } from '../../values/realm.ts';
import { RpcError } from '../../values/rpc-error.ts';

/** A serialiser as Jest and Vitest take it. */
export interface SnapshotSerializer {
  /** Whether it is for a value. */
  test(value: unknown): boolean;
  /** The text of a value; `indentation` stands before its lines but the first. */
  serialize(value: unknown, config: unknown, indentation: string, ...rest: readonly unknown[]): string;
}

/**
 * Shows replies and RpcErrors in snapshots: `expect.addSnapshotSerializer(snapshotSerializer)`. Messages are their
 * ProtoJSON under the name of their type, so that 64-bit integers and bytes have a stable text.
 */
export const snapshotSerializer: SnapshotSerializer = {
  test: (value) => RpcError.is(value) || (isObject(value) && planOf(value) !== undefined),
  serialize: (value, _config, indentation = '') => serialized(value).replaceAll('\n', `\n${indentation}`),
};

/** The text of a reply or an RpcError in a snapshot; JSON of anything else. */
function serialized(value: unknown): string {
  if (RpcError.is(value)) {
    const { codeName, details, errorDetails } = value;
    return `RpcError ${codeName} ${text({ details: errorDetails.map(jsonOf), message: details })}`;
  }
  const plan = isObject(value) ? planOf(value) : undefined;
  return `${plan?.typeName ?? 'value'} ${text(jsonOf(value))}`;
}

function jsonOf(value: unknown): unknown {
  const plan = isObject(value) ? planOf(value) : undefined;
  return plan === undefined ? value : messageToJson(plan, value, false);
}

const text = (json: unknown): string => JSON.stringify(sorted(json), undefined, 2);

function sorted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sorted);
  if (!isObject(json)) return json;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1)))
    setOwn(out, key, sorted(item));
  return out;
}
