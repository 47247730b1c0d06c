// What a schema's authors say about its declarations: comments, deprecation, and google.api.field_behavior, as keywords of
// JSON Schema that describe and do not constrain.

import type { FieldPlan } from '../codec/plan.ts';
import type { FileDescriptorProto, Options } from '../descriptors/descriptor-types.ts';
import { placeIn } from '../descriptors/place-in.ts';
import { SourceComments } from '../descriptors/source-comments.ts';
import { ENUM, MESSAGE, type Path, pathOf, SERVICE } from '../descriptors/source-path.ts';
import type { Definition, EnumDefinition, ServiceDefinition } from '../descriptors/symbol-table.ts';
import type { Registry } from '../registry/registry.ts';
import type { JsonSchema } from './schema-form.ts';

/** An enum with more values has their comments left out. */
const MAX_VALUES_EXPLAINED = 200;
const FIELD_BEHAVIOR = '[google.api.field_behavior]';

export class DeclaredNotes {
  readonly #registry: Registry;
  readonly #comments: WeakMap<FileDescriptorProto, SourceComments> = new WeakMap();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Of a message or service. */
  ofDefinition(definition: Definition): JsonSchema {
    return notes(this.text(definition, pathOf(definition)), definition.proto.options);
  }

  /** Of an enum, with what is said of its values. */
  ofEnum(definition: EnumDefinition): JsonSchema {
    const path = pathOf(definition);
    const values = definition.proto.value ?? [];
    const lines: string[] = [];
    if (values.length <= MAX_VALUES_EXPLAINED) {
      for (const [i, value] of values.entries()) {
        const text = this.text(definition, [...path, ENUM.value, i]).replace(/\s+/g, ' ');
        const isDeprecated = value.options?.['deprecated'] === true;
        const all = [...(isDeprecated ? ['(deprecated)'] : []), ...(text === '' ? [] : [text])];
        if (all.length > 0) lines.push(`- ${value.name}: ${all.join(' ')}`);
      }
    }
    const own = this.text(definition, path);
    return notes(
      [own, lines.join('\n')].filter((part) => part !== '').join('\n\n'),
      definition.proto.options,
    );
  }

  ofField(field: FieldPlan): JsonSchema {
    const { proto } = field.field;
    const behavior: unknown = proto.options?.[FIELD_BEHAVIOR];
    const has = (name: string): boolean => Array.isArray(behavior) && behavior.includes(name);
    const text = this.#fieldText(field);
    const said = has('REQUIRED') ? [text, 'Required.'].filter((part) => part !== '').join('\n\n') : text;
    return {
      ...notes(said, proto.options),
      ...(has('OUTPUT_ONLY') ? { readOnly: true } : {}),
      ...(has('INPUT_ONLY') ? { writeOnly: true } : {}),
    };
  }

  ofMethod(service: ServiceDefinition, index: number): JsonSchema {
    const text = this.text(service, [...pathOf(service), SERVICE.method, index]);
    return notes(text, service.proto.method?.[index].options);
  }

  #fieldText(field: FieldPlan): string {
    if (field.index < 0) {
      const extension = this.#registry.find(field.field.name.slice(1, -1));
      return extension === undefined ? '' : this.text(extension, pathOf(extension));
    }
    const { definition } = field.owner.type;
    const index = placeIn(definition.proto.field, field.field.proto);
    return this.text(definition, [...pathOf(definition), MESSAGE.field, index]);
  }

  text({ file }: Definition, path: Path): string {
    let comments = this.#comments.get(file.proto);
    if (comments === undefined) {
      comments = new SourceComments(file.proto);
      this.#comments.set(file.proto, comments);
    }
    return comments.text(path);
  }
}

function notes(text: string, options: Options | undefined): JsonSchema {
  return {
    ...(text === '' ? {} : { description: text }),
    ...(options?.['deprecated'] === true ? { deprecated: true } : {}),
  };
}
