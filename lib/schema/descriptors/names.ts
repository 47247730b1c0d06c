// Names of protobuf symbols: which are well formed, what their JSON spelling is, what a relative one may refer to, and
// which protoc makes up. Knows nothing of descriptors or values.

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether this is an identifier of the .proto language. */
export function isIdentifier(name: unknown): name is string {
  return typeof name === 'string' && IDENTIFIER.test(name);
}

/** Whether this is a series of identifiers separated by dots. */
export function isDottedName(name: unknown): name is string {
  return typeof name === 'string' && name.split('.').every((part) => IDENTIFIER.test(part));
}

/** The full name of a type from its URL in an Any; without a slash, the whole URL is the name. */
export function typeNameOfUrl(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
}

/** The full or short name that a user means by `a.b.C`, `.a.b.C` or a method's path `/a.b.S/M`. */
export function symbolName(symbol: string): string {
  return symbol.replace(/^[./]/, '').replace('/', '.');
}

/** `sayHello` for `SayHello`. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** protoc's ToJsonName: each underscore goes and the letter after it is upper case (`foo_bar_2x` → `fooBar2x`). */
export function jsonNameOf(name: string): string {
  let underscore = name.indexOf('_');
  if (underscore < 0) return name;
  let out = name.slice(0, underscore);
  while (underscore >= 0) {
    const from = underscore + 1;
    underscore = name.indexOf('_', from);
    const word = underscore < 0 ? name.slice(from) : name.slice(from, underscore);
    out += word.charAt(0).toUpperCase() + word.slice(1);
  }
  return out;
}

/** protoc's name for the message type of a map field's entries: `foo_bar` → `FooBarEntry`. */
export function mapEntryName(fieldName: string): string {
  const jsonName = jsonNameOf(fieldName);
  return `${jsonName.slice(0, 1).toUpperCase()}${jsonName.slice(1)}Entry`;
}

/** protoc's name for the oneof of a proto3 `optional` field: a leading underscore, then X as long as it is taken. */
export function syntheticOneofName(fieldName: string, taken: ReadonlySet<string>): string {
  let name = fieldName.startsWith('_') ? fieldName : `_${fieldName}`;
  while (taken.has(name)) name = `X${name}`;
  return name;
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

/** `a message`, `an enum`: the kind of a symbol with its article. */
export function withArticle(kind: string): string {
  return `${/^[aei]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

/** What comes after the last dot. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/**
 * The full names that a type name may refer to inside a scope, innermost first; with a leading dot, only that very name
 * (descriptor.proto, FieldDescriptorProto.type_name).
 */
export function* candidateNames(name: string, scope: string): Generator<string> {
  if (name.startsWith('.')) {
    yield name.slice(1);
    return;
  }
  for (let s = scope; s !== ''; s = parentScope(s)) yield `${s}.${name}`;
  yield name;
}

/** Throws TypeError for what cannot be the name of a symbol. */
export function checkSymbol(symbol: unknown): void {
  if (typeof symbol !== 'string' || symbol === '') {
    throw new TypeError(
      `a symbol is a name such as 'helloworld.Greeter', not ${JSON.stringify(symbol) ?? 'that'}`,
    );
  }
}
