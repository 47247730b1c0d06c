// The names that protoc makes from other names.

const UNDERSCORE = 95;

/** `foo_bar_2x` → `fooBar2x`: underscores go, and a letter after one becomes upper case. */
export function toJsonName(name: string): string {
  if (!name.includes('_')) return name;
  let result = '';
  let isAfterUnderscore = false;
  for (let i = 0; i < name.length; i++) {
    if (name.charCodeAt(i) === UNDERSCORE) {
      isAfterUnderscore = true;
    } else {
      result += isAfterUnderscore ? name[i].toUpperCase() : name[i];
      isAfterUnderscore = false;
    }
  }
  return result;
}

/** The message type of a map field's entries: `foo_bar` → `FooBarEntry`. */
export function mapEntryName(fieldName: string): string {
  const jsonName = toJsonName(fieldName);
  return `${jsonName.slice(0, 1).toUpperCase()}${jsonName.slice(1)}Entry`;
}

/** The synthetic oneof of a proto3 `optional` field: a leading underscore, then X until nobody has the name. */
export function syntheticOneofName(fieldName: string, taken: ReadonlySet<string>): string {
  let name = fieldName.startsWith('_') ? fieldName : `_${fieldName}`;
  while (taken.has(name)) name = `X${name}`;
  return name;
}
