// The schemas that the specs of lib/schema share: every kind of field in each syntax, as source text.

import type { MessageCodec } from '../../lib/schema/codec/method.ts';
import type { ValueOptions } from '../../lib/schema/codec/value-options.ts';
import { loadProtoSource } from '../../lib/schema/proto/load-proto.ts';
import { Registry, type RegistryInternals } from '../../lib/schema/registry/registry.ts';

/** proto3: each scalar alone, repeated, optional, as a map's key or value; the well-known types. */
export const KINDS = `
syntax = "proto3";
package kinds;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

enum Color {
  option allow_alias = true;
  COLOR_UNSPECIFIED = 0;
  RED = 1;
  CRIMSON = 1;
  GREEN = 2;
  DARK = -1;
}

message Scalars {
  double a_double = 1;
  float a_float = 2;
  int32 an_int32 = 3;
  int64 an_int64 = 4;
  uint32 a_uint32 = 5;
  uint64 a_uint64 = 6;
  sint32 a_sint32 = 7;
  sint64 a_sint64 = 8;
  fixed32 a_fixed32 = 9;
  fixed64 a_fixed64 = 10;
  sfixed32 an_sfixed32 = 11;
  sfixed64 an_sfixed64 = 12;
  bool a_bool = 13;
  string a_string = 14;
  bytes some_bytes = 15;
  Color a_color = 16;
}

message Lists {
  repeated double doubles = 1;
  repeated float floats = 2;
  repeated int32 int32s = 3;
  repeated int64 int64s = 4;
  repeated uint32 uint32s = 5;
  repeated uint64 uint64s = 6;
  repeated sint32 sint32s = 7;
  repeated sint64 sint64s = 8;
  repeated fixed32 fixed32s = 9;
  repeated fixed64 fixed64s = 10;
  repeated sfixed32 sfixed32s = 11;
  repeated sfixed64 sfixed64s = 12;
  repeated bool bools = 13;
  repeated string strings = 14;
  repeated bytes byteses = 15;
  repeated Color colors = 16;
  repeated Scalars scalars = 17;
  repeated int32 unpacked = 18 [packed = false];
}

message Maps {
  map<string, string> strings = 1;
  map<int32, Scalars> by_int32 = 2;
  map<int64, bool> by_int64 = 3;
  map<uint32, double> by_uint32 = 4;
  map<uint64, bytes> by_uint64 = 5;
  map<sint32, Color> by_sint32 = 6;
  map<sint64, float> by_sint64 = 7;
  map<fixed32, int64> by_fixed32 = 8;
  map<fixed64, uint32> by_fixed64 = 9;
  map<sfixed32, string> by_sfixed32 = 10;
  map<sfixed64, string> by_sfixed64 = 11;
  map<bool, string> by_bool = 12;
}

message Presence {
  optional int32 count = 1;
  optional string text = 2;
  optional bytes data = 3;
  optional Color color = 4;
  Scalars message = 5;
  oneof choice {
    int32 number = 6;
    string name = 7;
    Scalars nested = 8;
    google.protobuf.NullValue nothing = 9;
  }
  oneof other {
    bool yes = 10;
    bool no = 11;
  }
}

message Tree {
  string label = 1;
  Tree left = 2;
  Tree right = 3;
  repeated Tree children = 4;
  map<string, Tree> named = 5;
}

message WellKnown {
  google.protobuf.Timestamp time = 1;
  google.protobuf.Duration span = 2;
  google.protobuf.FieldMask mask = 3;
  google.protobuf.Any any = 4;
  google.protobuf.Struct struct = 5;
  google.protobuf.Value value = 6;
  google.protobuf.ListValue list = 7;
  google.protobuf.DoubleValue double_value = 8;
  google.protobuf.FloatValue float_value = 9;
  google.protobuf.Int64Value int64_value = 10;
  google.protobuf.UInt64Value uint64_value = 11;
  google.protobuf.Int32Value int32_value = 12;
  google.protobuf.UInt32Value uint32_value = 13;
  google.protobuf.BoolValue bool_value = 14;
  google.protobuf.StringValue string_value = 15;
  google.protobuf.BytesValue bytes_value = 16;
  google.protobuf.Empty empty = 17;
  google.protobuf.NullValue null_value = 18;
  repeated google.protobuf.Value values = 19;
  map<string, google.protobuf.Value> named_values = 20;
  repeated google.protobuf.Timestamp times = 21;
  repeated google.protobuf.Any anys = 22;
}
`;

/** proto2: required, groups, closed enums, defaults, extensions, message sets. */
export const OLD = `
syntax = "proto2";
package old;

enum Size { SMALL = 1; LARGE = 2; }
enum Grade { NONE = 0; GOOD = 2; }

message Order {
  required int32 id = 1;
  optional string note = 2 [default = "none"];
  optional Size size = 3 [default = LARGE];
  repeated Size sizes = 4;
  repeated Size packed_sizes = 5 [packed = true];
  optional group Detail = 6 { optional string text = 1; optional Detail inner = 2; }
  repeated group Line = 7 { required string sku = 1; }
  map<string, Grade> grade_by_name = 8;
  repeated int32 numbers = 9;
  repeated int32 packed_numbers = 10 [packed = true];
  optional Order next = 11;
  optional bytes data = 12;
  extensions 100 to 199;
}

extend Order {
  optional int32 priority = 100;
  repeated string labels = 101;
  optional Order parent = 102;
}

message Scope { extend Order { optional Size scoped = 103; } }

message Set {
  option message_set_wire_format = true;
  extensions 4 to max;
}
message Member {
  extend Set { optional Member member = 1547769; }
  optional string text = 25;
}
`;

/** Edition 2023: each feature away from its default. */
export const EDITION = `
edition = "2023";
package edition;
import "google/protobuf/wrappers.proto";

option features.field_presence = IMPLICIT;

enum Closed { option features.enum_type = CLOSED; ONE = 1; TWO = 2; }
enum Open { ZERO = 0; UNO = 1; }

message Features {
  string implicit = 1;
  string explicit = 2 [features.field_presence = EXPLICIT];
  string required = 3 [features.field_presence = LEGACY_REQUIRED];
  repeated int32 packed = 4;
  repeated int32 expanded = 5 [features.repeated_field_encoding = EXPANDED];
  string unverified = 6 [features.utf8_validation = NONE];
  Features delimited = 7 [features.message_encoding = DELIMITED];
  Features prefixed = 8;
  Closed closed = 9 [features.field_presence = EXPLICIT];
  Open open = 10;
  repeated Features delimiteds = 11 [features.message_encoding = DELIMITED];
  google.protobuf.StringValue wrapped = 12 [features.message_encoding = DELIMITED];
}
`;

/** A registry that has loaded these sources. */
export async function registryOf(
  sources: readonly string[],
  options: ValueOptions = {},
  internals: RegistryInternals = {},
): Promise<Registry> {
  const registry = new Registry(options, internals);
  for (const [i, source] of sources.entries()) {
    const { files } = await loadProtoSource(source, `source-${i}.proto`);
    registry.add(files, `source ${i}`);
  }
  return registry;
}

/** The message's octets, copied out of the encoder's memory. */
export function encoded(codec: MessageCodec, value: unknown): Uint8Array {
  const { bytes, start, end } = codec.encode(value, 0);
  return Buffer.from(bytes.subarray(start, end));
}

export function decoded(codec: MessageCodec, bytes: Uint8Array): Record<string, unknown> {
  return codec.decode(bytes, 0, bytes.length) as Record<string, unknown>;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Octets written as hex, with spaces where they help. */
export const unhex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** What a function throws; it must throw. */
export function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
