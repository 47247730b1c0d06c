// Options as .proto source: standard ones by their names, extensions in parentheses, messages as aggregates in text
// format, features one by one. Their types come from a registry of descriptor.proto and all that is loaded.

import { SchemaError } from '../errors.ts';
import type { FileDescriptorProto, Options } from './descriptor.ts';
import { providedDescriptorProto } from './descriptor-proto.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from './plan.ts';
import type { ProtoNames } from './print-proto-names.ts';
import { Registry } from './registry.ts';
import { messageText, scalarText } from './text-format.ts';
import { stringLiteral } from './text-literal.ts';

const DESCRIPTOR_PROTO = 'google/protobuf/descriptor.proto';

/** A registry that knows all options which these files define. */
export function optionRegistry(files: readonly FileDescriptorProto[]): Registry {
  const registry = new Registry({ defaults: false });
  const own = files.find((file) => file.name === DESCRIPTOR_PROTO);
  const descriptorProto = own ?? providedDescriptorProto();
  if (descriptorProto === undefined) throw new SchemaError('nothing is loaded');
  registry.add([descriptorProto], 'the package itself');
  const others = files.filter((file) => file.name !== DESCRIPTOR_PROTO);
  try {
    registry.add(others, 'what is loaded');
  } catch (error) {
    // They were taken once, beside a descriptor.proto that says something else: then its options are all we know.
    if (!(error instanceof SchemaError)) throw error;
  }
  return registry;
}

export class OptionPrinter {
  readonly #registry: Registry;
  readonly #names: ProtoNames;

  constructor(registry: Registry, names: ProtoNames) {
    this.#registry = registry;
    this.#names = names;
  }

  /** `name = value`, one for each statement. */
  statements(options: Options | undefined, type: string): string[] {
    if (options === undefined) return [];
    return this.#settings(this.#registry.plan(`google.protobuf.${type}`), options as Fields, '');
  }

  /** ` [a = 1, b = 2]`, or nothing. */
  list(options: Options | undefined, type: string, others: readonly string[] = []): string {
    const all = [...others, ...this.statements(options, type)];
    if (all.length === 0) return '';
    const line = ` [${all.join(', ')}]`;
    const isLong = line.length > 80 || line.includes('\n');
    return isLong ? ` [\n  ${all.join(',\n').replaceAll('\n', '\n  ')}\n]` : line;
  }

  #settings(plan: Plan, options: Fields, prefix: string): string[] {
    return Object.entries(options).flatMap(([key, value]) => {
      const field = plan.names.get(key) ?? plan.findExtension(key);
      if (field === undefined || value === undefined || value === null) return [];
      const own = field.index < 0 ? `(${this.#names.extension(key.slice(1, -1))})` : field.field.name;
      const name = `${prefix}${own}`;
      if (field.shape === MAP) {
        return Object.entries(value as Fields).map(
          ([entry, item]) => `${name} = ${this.#entry(field, entry, item)}`,
        );
      }
      if (field.shape !== SINGULAR)
        return (value as unknown[]).map((item) => `${name} = ${this.#value(field, item)}`);
      const isFeatures =
        field.isMessage && (key === 'features' || prefix !== '') && this.#isPlain(field, value);
      if (isFeatures) return this.#settings(field.link(), value as Fields, `${name}.`);
      return [`${name} = ${this.#value(field, value)}`];
    });
  }

  /** Whether it can be set field by field; nothing would be left of one that is empty. */
  #isPlain(field: FieldPlan, value: unknown): boolean {
    return typeof value === 'object' && Object.keys(value ?? {}).length > 0 && field.link().wellKnown === 0;
  }

  #value(field: FieldPlan, value: unknown): string {
    if (!field.isMessage) return scalarText(field, value);
    const body = messageText(field.link(), value, '  ');
    return body === '' ? '{}' : `{\n${body}}`;
  }

  #entry(field: FieldPlan, key: string, value: unknown): string {
    const { keyField, valueField } = field;
    const keyText = keyField.type === 9 ? stringLiteral(key) : key;
    const valueText = this.#value(valueField, value).replaceAll('\n', '\n  ');
    return `{\n  key: ${keyText}\n  value: ${valueText}\n}`;
  }
}
