// descriptor.proto as a descriptor, written out, so that what reflection sends or a FileDescriptorSet holds can be decoded
// without the .proto parser. A spec compares it with the file that the package ships.

import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FieldTypeName,
  FileDescriptorProto,
} from './descriptor-types.ts';
import { lastPart, parentScope } from './names.ts';

const DESCRIPTOR_PROTO = 'google/protobuf/descriptor.proto';
const PACKAGE = 'google.protobuf';

/**
 * One type per line, before those nested in it; indented lines continue. Fields are `number name type`, with `*` for
 * repeated, `p` for packed, `!` for required; extension ranges are `extensions start end`, the end exclusive.
 */
const TYPES = `
FileDescriptorSet: 1 file FileDescriptorProto*, extensions 536000000 536000001
FileDescriptorProto: 1 name string, 2 package string, 3 dependency string*, 10 public_dependency int32*, 11
  weak_dependency int32*, 15 option_dependency string*, 4 message_type DescriptorProto*, 5 enum_type
  EnumDescriptorProto*, 6 service ServiceDescriptorProto*, 7 extension FieldDescriptorProto*, 8 options
  FileOptions, 9 source_code_info SourceCodeInfo, 12 syntax string, 14 edition Edition
DescriptorProto: 1 name string, 2 field FieldDescriptorProto*, 6 extension FieldDescriptorProto*, 3
  nested_type DescriptorProto*, 4 enum_type EnumDescriptorProto*, 5 extension_range
  DescriptorProto.ExtensionRange*, 8 oneof_decl OneofDescriptorProto*, 7 options MessageOptions, 9
  reserved_range DescriptorProto.ReservedRange*, 10 reserved_name string*, 11 visibility SymbolVisibility
DescriptorProto.ExtensionRange: 1 start int32, 2 end int32, 3 options ExtensionRangeOptions
DescriptorProto.ReservedRange: 1 start int32, 2 end int32
ExtensionRangeOptions: 999 uninterpreted_option UninterpretedOption*, 2 declaration
  ExtensionRangeOptions.Declaration*, 50 features FeatureSet, 3 verification
  ExtensionRangeOptions.VerificationState, extensions 990 999, extensions 1000 536870912
ExtensionRangeOptions.Declaration: 1 number int32, 2 full_name string, 3 type string, 5 reserved bool, 6
  repeated bool
enum ExtensionRangeOptions.VerificationState: 0 DECLARATION, 1 UNVERIFIED
FieldDescriptorProto: 1 name string, 3 number int32, 4 label FieldDescriptorProto.Label, 5 type
  FieldDescriptorProto.Type, 6 type_name string, 2 extendee string, 7 default_value string, 9 oneof_index
  int32, 10 json_name string, 8 options FieldOptions, 17 proto3_optional bool
enum FieldDescriptorProto.Type: 1 TYPE_DOUBLE, 2 TYPE_FLOAT, 3 TYPE_INT64, 4 TYPE_UINT64, 5 TYPE_INT32, 6
  TYPE_FIXED64, 7 TYPE_FIXED32, 8 TYPE_BOOL, 9 TYPE_STRING, 10 TYPE_GROUP, 11 TYPE_MESSAGE, 12 TYPE_BYTES,
  13 TYPE_UINT32, 14 TYPE_ENUM, 15 TYPE_SFIXED32, 16 TYPE_SFIXED64, 17 TYPE_SINT32, 18 TYPE_SINT64
enum FieldDescriptorProto.Label: 1 LABEL_OPTIONAL, 3 LABEL_REPEATED, 2 LABEL_REQUIRED
OneofDescriptorProto: 1 name string, 2 options OneofOptions
EnumDescriptorProto: 1 name string, 2 value EnumValueDescriptorProto*, 3 options EnumOptions, 4
  reserved_range EnumDescriptorProto.EnumReservedRange*, 5 reserved_name string*, 6 visibility
  SymbolVisibility
EnumDescriptorProto.EnumReservedRange: 1 start int32, 2 end int32
EnumValueDescriptorProto: 1 name string, 2 number int32, 3 options EnumValueOptions
ServiceDescriptorProto: 1 name string, 2 method MethodDescriptorProto*, 3 options ServiceOptions
MethodDescriptorProto: 1 name string, 2 input_type string, 3 output_type string, 4 options MethodOptions, 5
  client_streaming bool, 6 server_streaming bool
FileOptions: 1 java_package string, 8 java_outer_classname string, 10 java_multiple_files bool, 20
  java_generate_equals_and_hash bool, 27 java_string_check_utf8 bool, 9 optimize_for
  FileOptions.OptimizeMode, 11 go_package string, 16 cc_generic_services bool, 17 java_generic_services
  bool, 18 py_generic_services bool, 23 deprecated bool, 31 cc_enable_arenas bool, 36 objc_class_prefix
  string, 37 csharp_namespace string, 39 swift_prefix string, 40 php_class_prefix string, 41 php_namespace
  string, 44 php_metadata_namespace string, 45 ruby_package string, 50 features FeatureSet, 999
  uninterpreted_option UninterpretedOption*, extensions 990 999, extensions 1000 536870912
enum FileOptions.OptimizeMode: 1 SPEED, 2 CODE_SIZE, 3 LITE_RUNTIME
MessageOptions: 1 message_set_wire_format bool, 2 no_standard_descriptor_accessor bool, 3 deprecated bool, 7
  map_entry bool, 11 deprecated_legacy_json_field_conflicts bool, 12 features FeatureSet, 999
  uninterpreted_option UninterpretedOption*, extensions 990 999, extensions 1000 536870912
FieldOptions: 1 ctype FieldOptions.CType, 2 packed bool, 6 jstype FieldOptions.JSType, 5 lazy bool, 15
  unverified_lazy bool, 3 deprecated bool, 10 weak bool, 16 debug_redact bool, 17 retention
  FieldOptions.OptionRetention, 19 targets FieldOptions.OptionTargetType*, 20 edition_defaults
  FieldOptions.EditionDefault*, 21 features FeatureSet, 22 feature_support FieldOptions.FeatureSupport, 999
  uninterpreted_option UninterpretedOption*, extensions 990 999, extensions 1000 536870912
FieldOptions.EditionDefault: 3 edition Edition, 2 value string
FieldOptions.FeatureSupport: 1 edition_introduced Edition, 2 edition_deprecated Edition, 3
  deprecation_warning string, 4 edition_removed Edition, 5 removal_error string
enum FieldOptions.CType: 0 STRING, 1 CORD, 2 STRING_PIECE
enum FieldOptions.JSType: 0 JS_NORMAL, 1 JS_STRING, 2 JS_NUMBER
enum FieldOptions.OptionRetention: 0 RETENTION_UNKNOWN, 1 RETENTION_RUNTIME, 2 RETENTION_SOURCE
enum FieldOptions.OptionTargetType: 0 TARGET_TYPE_UNKNOWN, 1 TARGET_TYPE_FILE, 2
  TARGET_TYPE_EXTENSION_RANGE, 3 TARGET_TYPE_MESSAGE, 4 TARGET_TYPE_FIELD, 5 TARGET_TYPE_ONEOF, 6
  TARGET_TYPE_ENUM, 7 TARGET_TYPE_ENUM_ENTRY, 8 TARGET_TYPE_SERVICE, 9 TARGET_TYPE_METHOD
OneofOptions: 1 features FeatureSet, 999 uninterpreted_option UninterpretedOption*, extensions 990 999,
  extensions 1000 536870912
EnumOptions: 2 allow_alias bool, 3 deprecated bool, 6 deprecated_legacy_json_field_conflicts bool, 7
  features FeatureSet, 999 uninterpreted_option UninterpretedOption*, extensions 990 999, extensions 1000
  536870912
EnumValueOptions: 1 deprecated bool, 2 features FeatureSet, 3 debug_redact bool, 4 feature_support
  FieldOptions.FeatureSupport, 999 uninterpreted_option UninterpretedOption*, extensions 990 999, extensions
  1000 536870912
ServiceOptions: 34 features FeatureSet, 33 deprecated bool, 999 uninterpreted_option UninterpretedOption*,
  extensions 990 999, extensions 1000 536870912
MethodOptions: 33 deprecated bool, 34 idempotency_level MethodOptions.IdempotencyLevel, 35 features
  FeatureSet, 999 uninterpreted_option UninterpretedOption*, extensions 990 999, extensions 1000 536870912
enum MethodOptions.IdempotencyLevel: 0 IDEMPOTENCY_UNKNOWN, 1 NO_SIDE_EFFECTS, 2 IDEMPOTENT
UninterpretedOption: 2 name UninterpretedOption.NamePart*, 3 identifier_value string, 4 positive_int_value
  uint64, 5 negative_int_value int64, 6 double_value double, 7 string_value bytes, 8 aggregate_value string
UninterpretedOption.NamePart: 1 name_part string!, 2 is_extension bool!
FeatureSet: 1 field_presence FeatureSet.FieldPresence, 2 enum_type FeatureSet.EnumType, 3
  repeated_field_encoding FeatureSet.RepeatedFieldEncoding, 4 utf8_validation FeatureSet.Utf8Validation, 5
  message_encoding FeatureSet.MessageEncoding, 6 json_format FeatureSet.JsonFormat, 7 enforce_naming_style
  FeatureSet.EnforceNamingStyle, 8 default_symbol_visibility
  FeatureSet.VisibilityFeature.DefaultSymbolVisibility, extensions 1000 9995, extensions 9995 10000,
  extensions 10000 10001
FeatureSet.VisibilityFeature:
enum FeatureSet.VisibilityFeature.DefaultSymbolVisibility: 0 DEFAULT_SYMBOL_VISIBILITY_UNKNOWN, 1
  EXPORT_ALL, 2 EXPORT_TOP_LEVEL, 3 LOCAL_ALL, 4 STRICT
enum FeatureSet.FieldPresence: 0 FIELD_PRESENCE_UNKNOWN, 1 EXPLICIT, 2 IMPLICIT, 3 LEGACY_REQUIRED
enum FeatureSet.EnumType: 0 ENUM_TYPE_UNKNOWN, 1 OPEN, 2 CLOSED
enum FeatureSet.RepeatedFieldEncoding: 0 REPEATED_FIELD_ENCODING_UNKNOWN, 1 PACKED, 2 EXPANDED
enum FeatureSet.Utf8Validation: 0 UTF8_VALIDATION_UNKNOWN, 2 VERIFY, 3 NONE
enum FeatureSet.MessageEncoding: 0 MESSAGE_ENCODING_UNKNOWN, 1 LENGTH_PREFIXED, 2 DELIMITED
enum FeatureSet.JsonFormat: 0 JSON_FORMAT_UNKNOWN, 1 ALLOW, 2 LEGACY_BEST_EFFORT
enum FeatureSet.EnforceNamingStyle: 0 ENFORCE_NAMING_STYLE_UNKNOWN, 1 STYLE2024, 2 STYLE_LEGACY, 3 STYLE2026
FeatureSetDefaults: 1 defaults FeatureSetDefaults.FeatureSetEditionDefault*, 4 minimum_edition Edition, 5
  maximum_edition Edition
FeatureSetDefaults.FeatureSetEditionDefault: 3 edition Edition, 4 overridable_features FeatureSet, 5
  fixed_features FeatureSet
SourceCodeInfo: 1 location SourceCodeInfo.Location*, extensions 536000000 536000001
SourceCodeInfo.Location: 1 path int32*p, 2 span int32*p, 3 leading_comments string, 4 trailing_comments
  string, 6 leading_detached_comments string*
GeneratedCodeInfo: 1 annotation GeneratedCodeInfo.Annotation*
GeneratedCodeInfo.Annotation: 1 path int32*p, 2 source_file string, 3 begin int32, 4 end int32, 5 semantic
  GeneratedCodeInfo.Annotation.Semantic
enum GeneratedCodeInfo.Annotation.Semantic: 0 NONE, 1 SET, 2 ALIAS
enum Edition: 0 EDITION_UNKNOWN, 900 EDITION_LEGACY, 998 EDITION_PROTO2, 999 EDITION_PROTO3, 1000
  EDITION_2023, 1001 EDITION_2024, 1002 EDITION_2026, 9999 EDITION_UNSTABLE, 1 EDITION_1_TEST_ONLY, 2
  EDITION_2_TEST_ONLY, 99997 EDITION_99997_TEST_ONLY, 99998 EDITION_99998_TEST_ONLY, 99999
  EDITION_99999_TEST_ONLY, 2147483647 EDITION_MAX
enum SymbolVisibility: 0 VISIBILITY_UNSET, 1 VISIBILITY_LOCAL, 2 VISIBILITY_EXPORT
`;

let file: FileDescriptorProto | undefined;

/** descriptor.proto, without its comments, its defaults and the options of its fields that say who may use them. */
export function descriptorSchema(): FileDescriptorProto {
  file ??= fileOf(
    TYPES.trim()
      .replace(/\n {2}/g, ' ')
      .split('\n'),
  );
  return file;
}

interface Scope {
  readonly messages: DescriptorProto[];
  readonly enums: EnumDescriptorProto[];
}

function fileOf(lines: readonly string[]): FileDescriptorProto {
  const isEnum = (line: string): boolean => line.startsWith('enum ');
  const nameOf = (line: string): string => line.replace(/^enum /, '').replace(/:.*/, '');
  const enumNames = new Set(lines.filter(isEnum).map(nameOf));
  const top: Scope = { messages: [], enums: [] };
  const scopes = new Map<string, Scope>([['', top]]);
  for (const line of lines) {
    const fullName = nameOf(line);
    const around = scopes.get(parentScope(fullName)) ?? top;
    const name = lastPart(fullName);
    const parts = line
      .slice(line.indexOf(':') + 1)
      .split(',')
      .map((part) => part.trim().split(' '));
    if (isEnum(line)) {
      around.enums.push({
        name,
        value: parts.map(([number, value]) => ({ name: value, number: Number(number) })),
      });
      continue;
    }
    const inside: Scope = { messages: [], enums: [] };
    scopes.set(fullName, inside);
    const fields = parts.filter(([first]) => first !== '' && first !== 'extensions');
    const ranges = parts.filter(([first]) => first === 'extensions');
    around.messages.push({
      name,
      field: fields.map(([number, field, type]) => fieldOf(Number(number), field, type, enumNames)),
      extensionRange: ranges.map(([, start, end]) => ({ start: Number(start), end: Number(end) })),
      nestedType: inside.messages,
      enumType: inside.enums,
    });
  }
  return { name: DESCRIPTOR_PROTO, package: PACKAGE, messageType: top.messages, enumType: top.enums };
}

function fieldOf(
  number: number,
  name: string,
  text: string,
  enumNames: ReadonlySet<string>,
): FieldDescriptorProto {
  const [, type, marks] = /^([\w.]+)([*!p]*)$/.exec(text) ?? ['', '', ''];
  const label = marks.includes('*') ? 'LABEL_REPEATED' : marks === '!' ? 'LABEL_REQUIRED' : 'LABEL_OPTIONAL';
  const options = marks.includes('p') ? { options: { packed: true } } : {};
  if (/^[a-z]/.test(type)) {
    return { name, number, label, type: `TYPE_${type.toUpperCase()}` as FieldTypeName, ...options };
  }
  const kind = enumNames.has(type) ? 'TYPE_ENUM' : 'TYPE_MESSAGE';
  return { name, number, label, type: kind, typeName: `.${PACKAGE}.${type}` };
}
