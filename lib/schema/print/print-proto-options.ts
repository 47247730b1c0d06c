// Options as .proto source: standard ones by their names, extensions in parentheses, messages as aggregates in text format,
// features one by one. Their types come from a registry of descriptor.proto and everything that is loaded.

import { SchemaError } from '../../values/errors.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from '../codec/plan.ts';
import { isDescriptorEdition, providedDescriptorProto } from '../descriptors/bundled-descriptor-proto.ts';
import { withEditionOf } from '../descriptors/descriptor-edition.ts';
import type { FileDescriptorProto, Options } from '../descriptors/descriptor-types.ts';
import { Registry } from '../registry/registry.ts';
import { messageText, scalarText } from '../text/text-format.ts';
import { stringLiteral } from '../text/text-literal.ts';
import type { ProtoNames } from './print-proto-names.ts';

/** A registry that knows all options that these files define. */
export function optionRegistry(files: readonly FileDescriptorProto[]): Registry {
  const registry = new Registry({ defaults: false });
  const edition = files.find(isDescriptorEdition);
  const descriptorProto = providedDescriptorProto() ?? edition;
  if (descriptorProto === undefined) throw new SchemaError('nothing is loaded');
  registry.add([withEditionOf(descriptorProto, files)], 'the package itself');
  const others = files.filter((file) => !isDescriptorEdition(file));
  try {
    registry.add(others, 'what is loaded');
  } catch (error) {
    // They were accepted before, with a different descriptor.proto: then its options are all we know.
    if (!(error instanceof SchemaError)) throw error;
  }
  return registry;
}

/** `name = value`, and the numbers of the fields that it sets. */
interface OptionSetting {
  readonly text: string;
  readonly path: readonly number[];
}

export class OptionPrinter {
  readonly #registry: Registry;
  readonly #names: ProtoNames;

  constructor(registry: Registry, names: ProtoNames) {
    this.#registry = registry;
    this.#names = names;
  }

  /** One for each statement. */
  statements(options: Options | undefined, type: string): OptionSetting[] {
    if (options === undefined) return [];
    return this.#settings(this.#registry.plan(`google.protobuf.${type}`), options as Fields, '', []);
  }

  /** ` [a = 1, b = 2]`, or nothing. */
  list(options: Options | undefined, type: string, others: readonly string[] = []): string {
    const all = [...others, ...this.statements(options, type).map(({ text }) => text)];
    if (all.length === 0) return '';
    const line = ` [${all.join(', ')}]`;
    const isLong = line.length > 80 || line.includes('\n');
    return isLong ? ` [\n  ${all.join(',\n').replaceAll('\n', '\n  ')}\n]` : line;
  }

  #settings(plan: Plan, options: Fields, prefix: string, around: readonly number[]): OptionSetting[] {
    return Object.entries(options).flatMap(([key, value]) => {
      const field = plan.names.get(key) ?? plan.findExtension(key);
      if (field === undefined || value === undefined || value === null) return [];
      const own = field.index < 0 ? `(${this.#names.extension(key.slice(1, -1))})` : field.field.name;
      const name = `${prefix}${own}`;
      const path = [...around, field.number];
      if (field.shape === MAP) {
        return Object.entries(value as Fields).map(([entry, item], i) => ({
          text: `${name} = ${this.#entry(field, entry, item)}`,
          path: [...path, i],
        }));
      }
      if (field.shape !== SINGULAR)
        return (value as unknown[]).map((item, i) => {
          return { text: `${name} = ${this.#value(field, item)}`, path: [...path, i] };
        });
      const isFeatures =
        field.isMessage && (key === 'features' || prefix !== '') && this.#isPlain(field, value);
      if (isFeatures) return this.#settings(field.link(), value as Fields, `${name}.`, path);
      return [{ text: `${name} = ${this.#value(field, value)}`, path }];
    });
  }

  /** Whether it can be set field by field; an empty message would disappear that way. */
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
