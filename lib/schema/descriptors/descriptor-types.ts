// google/protobuf/descriptor.proto as plain objects: what every kind of source produces and the registry takes. Names and
// values are those of our own codec (JSON names, enum values by name, unset means absent), so that a decoded
// FileDescriptorSet, or its ProtoJSON, already has this form.

/** Options as set; custom ones under `[full.name]`, as our codec shows extensions. */
export interface Options {
  readonly [key: string]: unknown;
}

export interface FileDescriptorProto {
  readonly name: string;
  readonly package?: string;
  readonly dependency?: readonly string[];
  readonly publicDependency?: readonly number[];
  readonly weakDependency?: readonly number[];
  /** `import option` (edition 2024). */
  readonly optionDependency?: readonly string[];
  readonly messageType?: readonly DescriptorProto[];
  readonly enumType?: readonly EnumDescriptorProto[];
  readonly service?: readonly ServiceDescriptorProto[];
  readonly extension?: readonly FieldDescriptorProto[];
  readonly options?: Options;
  readonly sourceCodeInfo?: SourceCodeInfo;
  /** `proto2` (or absent), `proto3`, `editions`. */
  readonly syntax?: string;
  /** `EDITION_2023`, … with syntax `editions`. */
  readonly edition?: string | number;
}

export interface DescriptorProto {
  readonly name: string;
  readonly field?: readonly FieldDescriptorProto[];
  readonly extension?: readonly FieldDescriptorProto[];
  readonly nestedType?: readonly DescriptorProto[];
  readonly enumType?: readonly EnumDescriptorProto[];
  readonly extensionRange?: readonly {
    readonly start: number;
    readonly end: number;
    readonly options?: Options;
  }[];
  readonly oneofDecl?: readonly { readonly name: string; readonly options?: Options }[];
  readonly options?: Options;
  /** `end` is exclusive. */
  readonly reservedRange?: readonly { readonly start: number; readonly end: number }[];
  readonly reservedName?: readonly string[];
  readonly visibility?: string | number;
}

/** descriptor.proto's FieldDescriptorProto.Type, by name. */
export type FieldTypeName =
  | 'TYPE_DOUBLE'
  | 'TYPE_FLOAT'
  | 'TYPE_INT64'
  | 'TYPE_UINT64'
  | 'TYPE_INT32'
  | 'TYPE_FIXED64'
  | 'TYPE_FIXED32'
  | 'TYPE_BOOL'
  | 'TYPE_STRING'
  | 'TYPE_GROUP'
  | 'TYPE_MESSAGE'
  | 'TYPE_BYTES'
  | 'TYPE_UINT32'
  | 'TYPE_ENUM'
  | 'TYPE_SFIXED32'
  | 'TYPE_SFIXED64'
  | 'TYPE_SINT32'
  | 'TYPE_SINT64';

export interface FieldDescriptorProto {
  readonly name: string;
  readonly number: number;
  readonly label?: 'LABEL_OPTIONAL' | 'LABEL_REQUIRED' | 'LABEL_REPEATED';
  /** Absent in a descriptor that was never linked (some reflection servers): then typeName decides. */
  readonly type?: FieldTypeName;
  /** `.pkg.Type`, fully qualified. */
  readonly typeName?: string;
  /** `.pkg.Message` that an extension extends. */
  readonly extendee?: string;
  /** Text of the default (bytes C-escaped), as in descriptor.proto. */
  readonly defaultValue?: string;
  readonly oneofIndex?: number;
  readonly jsonName?: string;
  readonly options?: Options;
  readonly proto3Optional?: boolean;
}

export interface EnumDescriptorProto {
  readonly name: string;
  readonly value?: readonly { readonly name: string; readonly number: number; readonly options?: Options }[];
  readonly options?: Options;
  /** `end` is inclusive (unlike a message's). */
  readonly reservedRange?: readonly { readonly start: number; readonly end: number }[];
  readonly reservedName?: readonly string[];
  readonly visibility?: string | number;
}

export interface ServiceDescriptorProto {
  readonly name: string;
  readonly method?: readonly MethodDescriptorProto[];
  readonly options?: Options;
}

export interface MethodDescriptorProto {
  readonly name: string;
  readonly inputType: string;
  readonly outputType: string;
  readonly options?: Options;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
}

export interface SourceCodeInfo {
  readonly location?: readonly {
    readonly path?: readonly number[];
    readonly span?: readonly number[];
    readonly leadingComments?: string;
    readonly trailingComments?: string;
    readonly leadingDetachedComments?: readonly string[];
  }[];
}
