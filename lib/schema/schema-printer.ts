// Prints what is loaded as .proto source: whole files, or one declaration. Keeps what all of them need, the names
// and the options that there are.

import type { FileDescriptorProto, MethodDescriptorProto } from './descriptor.ts';
import { ProtoPrinter } from './print-proto.ts';
import { NameIndex, ProtoNames } from './print-proto-names.ts';
import { OptionPrinter, optionRegistry } from './print-proto-options.ts';
import type { Registry } from './registry.ts';
import type { Definition, MessageDefinition, ServiceDefinition } from './symbol-table.ts';

// Field numbers of descriptor.proto, which source info's paths are made of.
const IN_FILE = { message: 4, enum: 5, service: 6, extension: 7 } as const;
const IN_MESSAGE = { message: 3, enum: 4, extension: 6 } as const;
const MESSAGE_FIELD = 2;
const SERVICE_METHOD = 2;

/** The path of a definition in its file, by descriptor.proto's field numbers. */
export function pathOf({ kind, proto, parent, file }: Definition): readonly number[] {
  let siblings: readonly object[] | undefined;
  if (parent !== undefined) {
    const { nestedType, enumType, extension } = parent.proto;
    siblings = { message: nestedType, enum: enumType, extension }[kind];
    return [...pathOf(parent), IN_MESSAGE[kind], siblings?.indexOf(proto) ?? -1];
  }
  const { messageType, enumType, service, extension } = file.proto;
  siblings = { message: messageType, enum: enumType, service, extension }[kind];
  return [IN_FILE[kind], siblings?.indexOf(proto) ?? -1];
}

export class SchemaPrinter {
  readonly #files: readonly FileDescriptorProto[];
  #names: NameIndex | undefined;
  #options: Registry | undefined;

  constructor(files: readonly FileDescriptorProto[]) {
    this.#files = files;
  }

  file(file: FileDescriptorProto): string {
    return this.#printer(file).file();
  }

  definition(definition: Definition): string {
    return this.#printer(definition.file.proto).declaration(pathOf(definition));
  }

  method(service: ServiceDefinition, method: MethodDescriptorProto): string {
    const index = service.proto.method?.indexOf(method) ?? -1;
    const path = [...pathOf(service), SERVICE_METHOD, index];
    return this.#printer(service.file.proto).method(method, path, service.fullName);
  }

  field(message: MessageDefinition, index: number): string {
    const field = message.proto.field?.[index];
    if (field === undefined) return '';
    const path = [...pathOf(message), MESSAGE_FIELD, index];
    const printer = this.#printer(message.file.proto);
    return printer.field(field, path, message.fullName, message.proto.nestedType);
  }

  #printer(file: FileDescriptorProto): ProtoPrinter {
    this.#names ??= new NameIndex(this.#files);
    this.#options ??= optionRegistry(this.#files);
    const names = new ProtoNames(this.#names, file.package ?? '');
    return new ProtoPrinter(file, names, new OptionPrinter(this.#options, names));
  }
}
