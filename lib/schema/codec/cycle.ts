// Finds out whether a value that is nested too deeply contains itself, and where, for the error to say.

import { isMap } from '../../values/realm.ts';

interface Step {
  readonly value: object;
  readonly path: string;
  readonly leave: boolean;
}

/** Throws TypeError if the value, or an object somewhere in it, contains itself. */
export function refuseCycle(root: unknown): void {
  if (typeof root !== 'object' || root === null) return;
  const around = new Set<object>();
  const done = new Set<object>();
  const pending: Step[] = [{ value: root, path: '', leave: false }];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const { value, path, leave } = step;
    if (leave) {
      around.delete(value);
      done.add(value);
      continue;
    }
    if (around.has(value)) {
      throw new TypeError(`${path}: the value contains itself (a cycle), which a message cannot`);
    }
    if (done.has(value) || ArrayBuffer.isView(value)) continue;
    around.add(value);
    pending.push({ value, path, leave: true });
    const isList = Array.isArray(value);
    const entries = isMap(value) ? value : Object.entries(value);
    for (const [key, item] of entries) {
      if (typeof item !== 'object' || item === null) continue;
      const part = isList ? `[${key}]` : path === '' ? String(key) : `.${String(key)}`;
      pending.push({ value: item, path: path + part, leave: false });
    }
  }
}
