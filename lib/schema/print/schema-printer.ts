// Prints what is loaded as .proto source: whole files, or one declaration. Keeps what all of them need: the names and the
// options that exist.

import type { FileDescriptorProto, MethodDescriptorProto } from '../descriptors/descriptor-types.ts';
import { placeIn } from '../descriptors/place-in.ts';
import { MESSAGE, pathOf, SERVICE } from '../descriptors/source-path.ts';
import type { Definition, MessageDefinition, ServiceDefinition } from '../descriptors/symbol-table.ts';
import type { Registry } from '../registry/registry.ts';
import { ProtoPrinter } from './print-proto.ts';
import { NameIndex, ProtoNames } from './print-proto-names.ts';
import { OptionPrinter, optionRegistry } from './print-proto-options.ts';

export class SchemaPrinter {
  readonly #files: () => readonly FileDescriptorProto[];
  #names: NameIndex | undefined;
  #options: Registry | undefined;

  /** `files` gives what declarations refer to, at least; it is asked once something is printed. */
  constructor(files: () => readonly FileDescriptorProto[]) {
    this.#files = files;
  }

  file(file: FileDescriptorProto): string {
    return this.#printer(file).file();
  }

  definition(definition: Definition): string {
    return this.#printer(definition.file.proto).declaration(pathOf(definition));
  }

  method(service: ServiceDefinition, method: MethodDescriptorProto): string {
    const index = placeIn(service.proto.method, method);
    const path = [...pathOf(service), SERVICE.method, index];
    return this.#printer(service.file.proto).method(method, path, service.fullName);
  }

  field(message: MessageDefinition, index: number): string {
    const field = message.proto.field?.[index];
    if (field === undefined) return '';
    const path = [...pathOf(message), MESSAGE.field, index];
    const printer = this.#printer(message.file.proto);
    return printer.field(field, path, message.fullName, message.proto.nestedType);
  }

  oneof(message: MessageDefinition, index: number): string {
    const path = [...pathOf(message), MESSAGE.oneof, index];
    return this.#printer(message.file.proto).oneof(message.proto, path, message.fullName);
  }

  #printer(file: FileDescriptorProto): ProtoPrinter {
    if (this.#names === undefined || this.#options === undefined) {
      const files = this.#files();
      this.#names = new NameIndex(files);
      this.#options = optionRegistry(files);
    }
    const names = new ProtoNames(this.#names, file.package ?? '');
    return new ProtoPrinter(file, names, new OptionPrinter(this.#options, names));
  }
}
