// Names of protobuf symbols: which are well formed, what their JSON spelling is, where a relative one may
// point. Knows nothing of descriptors or values.

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether this is an identifier of the .proto language. */
export function isIdentifier(name: unknown): name is string {
  return typeof name === 'string' && IDENTIFIER.test(name);
}

/** Whether this is identifiers with dots between them. */
export function isDottedName(name: unknown): name is string {
  return typeof name === 'string' && name.split('.').every((part) => IDENTIFIER.test(part));
}

/** protoc's ToJsonName: each underscore goes and the letter after it is upper case (`foo_bar_2x` → `fooBar2x`). */
export function jsonNameOf(name: string): string {
  if (!name.includes('_')) return name;
  let out = '';
  let upper = false;
  for (const char of name) {
    if (char === '_') upper = true;
    else {
      out += upper ? char.toUpperCase() : char;
      upper = false;
    }
  }
  return out;
}

/** `a.b.C` for scope `a.b` and name `C`; `C` for the root scope. */
export function qualify(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}

/** What comes before the last dot, or ''. */
export function parentScope(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(0, dot);
}

/** What comes after the last dot. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/**
 * The full names that a type name may mean inside a scope, innermost first; a leading dot means exactly
 * that name (descriptor.proto, FieldDescriptorProto.type_name).
 */
export function* candidateNames(name: string, scope: string): Generator<string> {
  if (name.startsWith('.')) {
    yield name.slice(1);
    return;
  }
  for (let s = scope; s !== ''; s = parentScope(s)) yield `${s}.${name}`;
  yield name;
}
