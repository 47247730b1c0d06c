// What JSON Schemas are made of, whoever reads them: their type, and what they are to describe. Knows no descriptors.

/** A JSON Schema (draft 2020-12), as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Options of `jsonSchema`. */
export interface JsonSchemaOptions {
  /**
   * `input` describes what `fromJson` and requests in JSON accept, `output` what `toJson` gives. Default `input`; for a
   * method, that is its request, and `output` its reply.
   */
  readonly direction?: 'input' | 'output' | undefined;
  /** With `output`: name fields as in the .proto, as `toJson` does with the same option. Default false. */
  readonly protoNames?: boolean | undefined;
}

/** What a schema is to describe, and where definitions are. */
export interface SchemaForm {
  /** Everything that is accepted, or only what is given. */
  readonly isInput: boolean;
  readonly protoNames: boolean;
  /**
   * For an API's description: what a server of this version gives and takes, without what a validator needs and a code
   * generator stumbles over (patterns, exclusions, numbers of enum values without a name).
   */
  readonly isContract: boolean;
  /** The place of a definition: `#/$defs/x.Y`. */
  readonly place: (name: string) => string;
}
