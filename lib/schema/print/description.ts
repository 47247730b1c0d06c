// What `client.describe` returns: types only.

import type { Cardinality } from '../codec/method.ts';
import type { Options } from '../descriptors/descriptor-types.ts';

/** What all symbols have in common. */
export interface SymbolDescription {
  /** `SayHello` */
  readonly name: string;
  /** `helloworld.Greeter.SayHello` */
  readonly fullName: string;
  /** The file that defines it. */
  readonly file: string;
  /** Its comments as text, the leading ones first; empty if it has none, or if the source does not carry them. */
  readonly comments: string;
  /** Its options as set: standard ones by their JSON names, extensions under `[full.name]`. */
  readonly options: Options;
  /** The symbol as .proto source, with comments. */
  readonly proto: string;
  /** The same as `proto`. */
  toProto(): string;
}

/** A service. */
export interface ServiceDescription extends SymbolDescription {
  readonly kind: 'service';
  readonly methods: readonly MethodDescription[];
}

/** A method. */
export interface MethodDescription extends SymbolDescription {
  readonly kind: 'method';
  /** Full name of its service. */
  readonly service: string;
  /** `/helloworld.Greeter/SayHello` */
  readonly path: string;
  /** How many messages go each way. */
  readonly cardinality: Cardinality;
  /** Full name of the message. */
  readonly requestType: string;
  /** Full name of the message. */
  readonly replyType: string;
  /** A request to fill in, as JSON: every field and one member of each oneof, cut off where a type contains itself. */
  readonly template: unknown;
}

/** A range of numbers, both ends included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** A message type. */
export interface MessageDescription extends SymbolDescription {
  readonly kind: 'message';
  /** By number. */
  readonly fields: readonly FieldDescription[];
  readonly oneofs: readonly OneofDescription[];
  /** Full names of what it contains. */
  readonly messages: readonly string[];
  readonly enums: readonly string[];
  readonly extensions: readonly string[];
  /** Numbers that extensions may have. */
  readonly extensionRanges: readonly NumberRange[];
  /** Numbers that no field may have. */
  readonly reservedRanges: readonly NumberRange[];
  /** Names that no field may have. */
  readonly reservedNames: readonly string[];
  /** A message to fill in, as JSON. */
  readonly template: unknown;
}

/** A oneof of a message type. */
export interface OneofDescription extends SymbolDescription {
  readonly kind: 'oneof';
  /** Full name of its message. */
  readonly message: string;
  /** Names of its fields. */
  readonly fields: readonly string[];
}

/** A field of a message type, or an extension of one. */
export interface FieldDescription extends SymbolDescription {
  readonly kind: 'field' | 'extension';
  /** Full name of the message that it belongs to, or extends. */
  readonly message: string;
  readonly number: number;
  /** `int32`, the full name of a message or enum, or `map<string, pkg.Type>`. */
  readonly type: string;
  readonly jsonName: string;
  readonly isRepeated: boolean;
  readonly isMap: boolean;
  /** Whether a list is one field on the wire, rather than one for each value. */
  readonly isPacked: boolean;
  /** Whether it is a message that is enclosed in tags on the wire (a group), rather than preceded by its length. */
  readonly isDelimited: boolean;
  readonly isRequired: boolean;
  /** Whether being unset differs from being set to the default. */
  readonly hasPresence: boolean;
  /** The oneof that it is a member of. */
  readonly oneof: string | undefined;
  /** The default that the .proto declares, as text. */
  readonly defaultValue: string | undefined;
}

/** An enum. */
export interface EnumDescription extends SymbolDescription {
  readonly kind: 'enum';
  /** Whether it allows no numbers except those of its values. */
  readonly isClosed: boolean;
  readonly values: readonly EnumValueDescription[];
  /** Numbers that no value may have. */
  readonly reservedRanges: readonly NumberRange[];
  /** Names that no value may have. */
  readonly reservedNames: readonly string[];
}

/** A value of an enum. */
export interface EnumValueDescription extends SymbolDescription {
  readonly kind: 'value';
  /** Full name of its enum. */
  readonly enum: string;
  readonly number: number;
}

/** A package: what its files define. */
export interface PackageDescription extends SymbolDescription {
  readonly kind: 'package';
  readonly files: readonly string[];
  /** Full names of the packages below it. */
  readonly packages: readonly string[];
  readonly services: readonly string[];
  readonly messages: readonly string[];
  readonly enums: readonly string[];
  readonly extensions: readonly string[];
}

/** Any symbol; `kind` tells which. */
export type Description =
  | ServiceDescription
  | MethodDescription
  | MessageDescription
  | FieldDescription
  | OneofDescription
  | EnumDescription
  | EnumValueDescription
  | PackageDescription;
