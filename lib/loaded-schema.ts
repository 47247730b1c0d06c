// What a client has loaded, to look at and to use without a call: descriptions, types, files, and messages as bytes, JSON
// and text. Knows no connection and makes no call.

import type { CallableSchema } from './callable-schema.ts';
import type { DynamicMessage } from './client-types.ts';
import { describe } from './schema/describe.ts';
import type { Description } from './schema/description.ts';
import type { ToJsonOptions } from './schema/json.ts';
import type { FromJsonOptions, ServiceInfo } from './schema/registry.ts';
import type { SchemaDifference } from './schema/schema-difference.ts';
import { fromText, toText } from './schema/text-format.ts';
import { typesOf } from './schema/types.ts';
import type { WriteProtosOptions } from './schema/write-schema.ts';

/** The part of a client that is about its schema alone. */
export abstract class LoadedSchema {
  readonly #schema: () => CallableSchema;

  /** @internal The schema is there once the client is made. */
  constructor(schema: () => CallableSchema) {
    this.#schema = schema;
  }

  /** What is loaded: services with their methods, cardinalities and message types. */
  get services(): readonly ServiceInfo[] {
    return this.#schema().services;
  }

  /** The full names of all that is loaded at the top of files: messages, enums, services and extensions. */
  get symbols(): readonly string[] {
    return this.#schema().registry.files.flatMap((file) =>
      [file.messageType, file.enumType, file.service, file.extension].flatMap((list) =>
        (list ?? []).map(({ name }) => (file.package ? `${file.package}.${name}` : name)),
      ),
    );
  }

  /**
   * What a symbol is: a service, method, message, field, extension, enum, enum value or package, by its full name or a
   * short one that means one thing only. With its comments, options and members, `proto` (it as .proto source) and, of
   * messages and methods, `template` (a request to fill in, as JSON). Errors: SchemaError with the nearest names.
   */
  describe(symbol: string): Description {
    return describe(this.#schema().registry, symbol);
  }

  /**
   * TypeScript declarations of all that is loaded, the text of one .d.ts file. Kept as `services.d.ts` it types a
   * client: `import type { Services } from './services'; new Client<Services>(…)`.
   */
  types(): string {
    return typesOf(this.#schema().registry);
  }

  /** Writes all that is loaded as one binary FileDescriptorSet, imports first, as protoc's --descriptor_set_out does. */
  async writeProtoset(path: string): Promise<void> {
    const { writeProtoset } = await import('./schema/write-schema.ts');
    await writeProtoset(this.#schema().registry.files, path);
  }

  /**
   * Writes each loaded file as .proto source under its name into a directory, with comments and options; gives the
   * names. Errors: SchemaError, and nothing written, for a name that leads out of the directory and for a file that is
   * there and differs, unless `overwrite` is set.
   */
  async writeProtos(directory: string, options?: WriteProtosOptions): Promise<readonly string[]> {
    const { writeProtos } = await import('./schema/write-schema.ts');
    return writeProtos(this.#schema().registry.files, directory, options);
  }

  /**
   * Canonical ProtoJSON of a message, given as a reply or as `fields`; `type` is its full name. TypeError for what
   * ProtoJSON cannot hold, such as an Any whose type is not loaded.
   */
  toJson(type: string, value: unknown, options?: ToJsonOptions): unknown {
    return this.#schema().registry.toJson(value, type, options);
  }

  /**
   * The message that a ProtoJSON document describes, as JSON.parse gives it. Fields and enum names that there are not
   * are refused, unless `ignoreUnknown` is set. Errors: TypeError or RangeError with the path.
   */
  fromJson(type: string, json: unknown, options?: FromJsonOptions): DynamicMessage {
    return this.#schema().registry.fromJson(type, json, options);
  }

  /** The bytes of a message, given as a reply or as `fields`. Errors: TypeError or RangeError with the path. */
  encode(type: string, value: unknown): Uint8Array {
    const { bytes, start, end } = this.#schema().registry.message(type).encode(value, 0);
    return bytes.slice(start, end);
  }

  /** The message that bytes hold. Errors: an Error that says where they are malformed. */
  decode(type: string, bytes: Uint8Array): DynamicMessage {
    return this.#schema().registry.message(type).decode(bytes, 0, bytes.length);
  }

  /** A message, given as a reply or as `fields`, in protobuf text format. */
  toText(type: string, value: unknown): string {
    return toText(this.#schema().registry, type, value);
  }

  /** The message that a document in text format describes. Errors: TypeError or RangeError with line and column. */
  fromText(type: string, text: string): DynamicMessage {
    return fromText(this.#schema().registry, type, text);
  }

  /** Where the server's own schema, as far as it was asked for, says otherwise than what was loaded and is in force. */
  get schemaDifferences(): readonly SchemaDifference[] {
    return this.#schema().differences;
  }
}
