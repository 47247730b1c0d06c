// What may stand where a service, a method, a symbol or a request's field is typed, from what a client has loaded.
// Shells and the REPL offer it.

import type { Client, Description, FieldDescription } from '../index.ts';

/** The names of services that begin with what was typed. */
export function completeService(client: Client, typed: string): string[] {
  return startingWith(
    typed,
    client.services.map(({ fullName }) => fullName),
  );
}

/** Methods that begin with what was typed: `SayHello` where that is clear, `helloworld.Greeter/SayHello`. */
export function completeMethod(client: Client, typed: string): string[] {
  const methods = client.services.flatMap(({ methods }) => methods);
  const full = methods.map(({ path }) => path.slice(1));
  // What is inside of `grpc.*` is rarely meant.
  const short = methods
    .filter(({ name, fullName }) => {
      return !fullName.startsWith('grpc.') && methods.filter((other) => other.name === name).length === 1;
    })
    .map(({ name }) => name);
  return startingWith(typed, /[./]/.test(typed) ? full : [...short, ...full]);
}

/** How many symbols are offered: beyond this nobody reads them. */
const MAX_SYMBOLS = 5000;

/** Services, methods, and the messages and enums that they use. */
export function completeSymbol(client: Client, typed: string): string[] {
  const names = new Set<string>();
  const pending: string[] = [];
  for (const service of client.services) {
    names.add(service.fullName);
    for (const method of service.methods) {
      names.add(method.fullName);
      pending.push(method.requestType, method.replyType);
    }
  }
  for (let type = pending.pop(); type !== undefined && names.size < MAX_SYMBOLS; type = pending.pop()) {
    if (names.has(type)) continue;
    names.add(type);
    const description = described(client, type);
    if (description?.kind === 'message') {
      for (const field of description.fields) {
        const value = valueType(field);
        if (value.includes('.')) pending.push(value);
      }
    }
  }
  return startingWith(typed, [...names]);
}

/**
 * Words that set a field and begin with what was typed: `rect.lo.` gives `rect.lo.latitude=`, `kind=` gives an enum's
 * values. A message's name ends with a dot, since its fields follow.
 * @param type full name of the request's type
 */
export function completeField(client: Client, type: string, typed: string): string[] {
  const assignment = /^([^=]*)=(.*)$/s.exec(typed);
  if (assignment !== null) {
    const [, path, text] = assignment;
    const field = fieldAt(client, type, path.split('.'));
    return field === undefined
      ? []
      : startingWith(text, valuesOf(client, field)).map((value) => `${path}=${value}`);
  }
  const steps = typed.split('.');
  const [last] = steps.splice(-1);
  const owner = steps.length === 0 ? type : typeAt(client, type, steps);
  const description = owner === undefined ? undefined : described(client, owner);
  if (description?.kind !== 'message') return [];
  const prefix = steps.map((step) => `${step}.`).join('');
  return description.fields
    .filter(({ name }) => name.startsWith(last))
    .map((field) => {
      const value = valueType(field);
      const isMessage = value.includes('.') && described(client, value)?.kind === 'message';
      const end = field.isMap || (isMessage && !isText(value)) ? '.' : '=';
      return `${prefix}${field.name}${end}`;
    });
}

/** The messages that are written as one text. */
function isText(type: string): boolean {
  return /^google\.protobuf\.(?:Timestamp|Duration|FieldMask|Value|\w+Value)$/.test(type);
}

/** The type that a path of fields leads to. */
function typeAt(client: Client, type: string, steps: readonly string[]): string | undefined {
  let at: string | undefined = type;
  for (let index = 0; index < steps.length && at !== undefined; index++) {
    const field = fieldAt(client, at, [steps[index]]);
    at = field === undefined ? undefined : valueType(field);
    // The step behind a map is a key.
    if (field?.isMap) index++;
  }
  return at;
}

function fieldAt(client: Client, type: string, steps: readonly string[]): FieldDescription | undefined {
  const owner = steps.length === 1 ? type : typeAt(client, type, steps.slice(0, -1));
  const description = owner === undefined ? undefined : described(client, owner);
  const name = (steps[steps.length - 1] ?? '').replace(/\[\d*\]$/, '');
  return description?.kind === 'message'
    ? description.fields.find((field) => field.name === name || field.jsonName === name)
    : undefined;
}

function valuesOf(client: Client, field: FieldDescription): string[] {
  const value = valueType(field);
  if (value === 'bool') return ['true', 'false'];
  const description = value.includes('.') ? described(client, value) : undefined;
  return description?.kind === 'enum' ? description.values.map(({ name }) => name) : [];
}

/** The type of a field, or of a map's values. */
function valueType({ type, isMap }: FieldDescription): string {
  return (isMap ? /^map<[^,]+,\s*(.+)>$/.exec(type)?.[1] : undefined) ?? type;
}

/** undefined for what is not loaded: completion is silent. */
function described(client: Client, symbol: string): Description | undefined {
  try {
    return client.describe(symbol);
  } catch {
    return undefined;
  }
}

function startingWith(typed: string, names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith(typed)).sort();
}
