// Files in the order in which they can be read one by one: each behind what it imports. It knows nothing but their names
// and their imports.

import type { FileDescriptorProto } from './descriptor-types.ts';

/** Imports before what imports them, otherwise as given. A cycle is left as it is, for whoever checks the files. */
export function importsFirst(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const ordered = new Set<FileDescriptorProto>();
  const begun = new Set<FileDescriptorProto>();
  // An own stack, because chains of imports can be longer than the engine's. A file is seen before its imports and after.
  const pending = [...files].reverse().map((file) => ({ file, isReady: false }));
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const { file, isReady } = step;
    if (isReady) ordered.add(file);
    else if (!begun.has(file)) {
      begun.add(file);
      pending.push({ file, isReady: true });
      for (const name of [...(file.dependency ?? []), ...(file.optionDependency ?? [])].reverse()) {
        const imported = byName.get(name);
        if (imported !== undefined) pending.push({ file: imported, isReady: false });
      }
    }
  }
  return [...ordered];
}
