// Descriptors while they are being built: the types of schema/descriptors/descriptor-types.ts without their `readonly`.
// Nothing outside schema/proto sees a draft; a finished one is handed out as its read-only type.

import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  MethodDescriptorProto,
  ServiceDescriptorProto,
} from '../../descriptors/descriptor-types.ts';

type Draft<T> = T extends readonly (infer E)[]
  ? Draft<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T;

export type FileDraft = Draft<FileDescriptorProto>;
export type MessageDraft = Draft<DescriptorProto>;
export type FieldDraft = Draft<FieldDescriptorProto>;
export type EnumDraft = Draft<EnumDescriptorProto>;
export type ServiceDraft = Draft<ServiceDescriptorProto>;
export type MethodDraft = Draft<MethodDescriptorProto>;

export type OneofDraft = NonNullable<MessageDraft['oneofDecl']>[number];
export type ExtensionRangeDraft = NonNullable<MessageDraft['extensionRange']>[number];
export type EnumValueDraft = NonNullable<EnumDraft['value']>[number];

/** Anything that can carry options. */
export type ElementDraft =
  | FileDraft
  | MessageDraft
  | FieldDraft
  | OneofDraft
  | ExtensionRangeDraft
  | EnumDraft
  | EnumValueDraft
  | ServiceDraft
  | MethodDraft;
