// Why files of a server's schema cannot be loaded, traced back to the file with the fault: a file that needs a broken one
// fails only because of that.

import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { referencesOf, resolveReference } from '../descriptors/file-symbols.ts';
import { symbolsOf } from '../descriptors/symbol-table.ts';

/**
 * The reason for each file that could not be loaded, given the error of each, imports first, and what is missing from
 * files, by the file's name.
 */
export function rootCauses(
  failures: ReadonlyMap<FileDescriptorProto, string>,
  gaps: ReadonlyMap<string, string>,
): ReadonlyMap<FileDescriptorProto, string> {
  const owners = new Map<string, FileDescriptorProto>();
  for (const file of failures.keys()) {
    for (const symbol of symbolsOf(file)) if (!owners.has(symbol)) owners.set(symbol, file);
  }
  const reasons = new Map<FileDescriptorProto, string>();
  for (const [file, message] of failures) {
    const gap = gaps.get(file.name);
    reasons.set(
      file,
      causeBehind(file, owners, reasons) ?? (gap === undefined ? message : `${message}; ${gap}`),
    );
  }
  return reasons;
}

/** The reason of the first broken file that this one needs. */
function causeBehind(
  file: FileDescriptorProto,
  owners: ReadonlyMap<string, FileDescriptorProto>,
  reasons: ReadonlyMap<FileDescriptorProto, string>,
): string | undefined {
  for (const reference of referencesOf(file)) {
    const symbol = resolveReference(reference, (name) => owners.has(name));
    const owner = symbol === undefined ? undefined : owners.get(symbol);
    const reason = owner === undefined || owner === file ? undefined : reasons.get(owner);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
