// The messages of grpc.reflection.v1 and v1alpha, which differ only in their package. The descriptors are written out as
// far as they are needed, so that asking a server takes no .proto parser.

import { SchemaError } from '../../values/errors.ts';
import { StatusCode } from '../../values/status.ts';
import { escapeText } from '../../values/text/escaped-text.ts';
import { shortened } from '../../values/text/shortened-text.ts';
import { DecodeError } from '../codec/wire/decode-error.ts';
import type {
  DescriptorProto,
  FieldDescriptorProto,
  FieldTypeName,
} from '../descriptors/descriptor-types.ts';
import type { ExtensionNumber } from '../descriptors/extension-number.ts';
import { Registry } from '../registry/registry.ts';

/** A question: exactly one of these. */
export type ReflectionRequest =
  | { readonly fileByFilename: string }
  | { readonly fileContainingSymbol: string }
  | { readonly fileContainingExtension: ExtensionNumber }
  | { readonly allExtensionNumbersOfType: string }
  | { readonly listServices: string };

/** An answer, and the question that it belongs to, if the server says. */
export interface Answered {
  readonly answer: ReflectionAnswer;
  /** `questionKey` of the question; undefined if the server does not say. */
  readonly question: string | undefined;
}

export type ReflectionAnswer =
  | { readonly kind: 'files'; readonly files: readonly Uint8Array[] }
  | { readonly kind: 'services'; readonly names: readonly string[] }
  | { readonly kind: 'numbers'; readonly numbers: readonly number[] }
  | {
      readonly kind: 'error';
      readonly code: number;
      readonly message: string;
      readonly cause?: Error | undefined;
    };

const PACKAGE = 'grpc.reflection.v1';

function field(name: string, number: number, type: string, isMany = false): FieldDescriptorProto {
  const label = isMany ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL';
  if (type.startsWith('TYPE_')) return { name, number, label, type: type as FieldTypeName };
  return { name, number, label, type: 'TYPE_MESSAGE', typeName: `.${PACKAGE}.${type}` };
}

const inOneof = (one: FieldDescriptorProto): FieldDescriptorProto => ({ ...one, oneofIndex: 0 });

const MESSAGES: readonly DescriptorProto[] = [
  {
    name: 'ServerReflectionRequest',
    oneofDecl: [{ name: 'message_request' }],
    field: [
      field('host', 1, 'TYPE_STRING'),
      inOneof(field('file_by_filename', 3, 'TYPE_STRING')),
      inOneof(field('file_containing_symbol', 4, 'TYPE_STRING')),
      inOneof(field('file_containing_extension', 5, 'ExtensionRequest')),
      inOneof(field('all_extension_numbers_of_type', 6, 'TYPE_STRING')),
      inOneof(field('list_services', 7, 'TYPE_STRING')),
    ],
  },
  {
    name: 'ExtensionRequest',
    field: [field('containing_type', 1, 'TYPE_STRING'), field('extension_number', 2, 'TYPE_INT32')],
  },
  {
    name: 'ServerReflectionResponse',
    oneofDecl: [{ name: 'message_response' }],
    field: [
      field('original_request', 2, 'ServerReflectionRequest'),
      inOneof(field('file_descriptor_response', 4, 'FileDescriptorResponse')),
      inOneof(field('all_extension_numbers_response', 5, 'ExtensionNumberResponse')),
      inOneof(field('list_services_response', 6, 'ListServiceResponse')),
      inOneof(field('error_response', 7, 'ErrorResponse')),
    ],
  },
  { name: 'FileDescriptorResponse', field: [field('file_descriptor_proto', 1, 'TYPE_BYTES', true)] },
  { name: 'ExtensionNumberResponse', field: [field('extension_number', 2, 'TYPE_INT32', true)] },
  { name: 'ListServiceResponse', field: [field('service', 1, 'ServiceResponse', true)] },
  { name: 'ServiceResponse', field: [field('name', 1, 'TYPE_STRING')] },
  {
    name: 'ErrorResponse',
    field: [field('error_code', 1, 'TYPE_INT32'), field('error_message', 2, 'TYPE_STRING')],
  },
];

/** ServerReflectionResponse as it is decoded. */
interface Response {
  readonly originalRequest?: object;
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Uint8Array[] };
  readonly allExtensionNumbersResponse?: { readonly extensionNumber: readonly number[] };
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly errorResponse?: { readonly errorCode: number; readonly errorMessage: string };
}

let registry: Registry | undefined;

function messages(): Registry {
  if (registry === undefined) {
    registry = new Registry({}, { keepUnknown: false });
    const file = { name: 'grpc/reflection/v1/reflection.proto', package: PACKAGE, syntax: 'proto3' };
    registry.add([{ ...file, messageType: MESSAGES }], 'the package itself');
  }
  return registry;
}

/** The path of ServerReflectionInfo. */
export function reflectionPath(version: 'v1' | 'v1alpha'): string {
  return `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
}

export function encodeReflectionRequest(request: ReflectionRequest): Uint8Array {
  const { bytes, start, end } = messages().message(`${PACKAGE}.ServerReflectionRequest`).encode(request, 0);
  return bytes.subarray(start, end);
}

const MAX_TEXT_LENGTH = 300;

/** An answer of kind `error`. Its text comes from the server and becomes part of an error: it is made one short line. */
export function errorAnswer(code: number, text: string, cause?: Error): ReflectionAnswer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would act on them
  const line = text.slice(0, MAX_TEXT_LENGTH + 1).replace(/[\s\0-\x1f\x7f]+/g, ' ');
  const message = escapeText(shortened(line, MAX_TEXT_LENGTH).trim());
  const answer = { kind: 'error', code, message: message === '' ? `error code ${code}` : message } as const;
  return cause === undefined ? answer : { ...answer, cause };
}

/** A key that tells a question from others. */
export function questionKey(request: ReflectionRequest): string {
  return JSON.stringify(request, [
    'fileByFilename',
    'fileContainingSymbol',
    'fileContainingExtension',
    'containingType',
    'extensionNumber',
    'allExtensionNumbersOfType',
    'listServices',
  ]);
}

/** Throws SchemaError when the bytes are not an answer at all. */
export function decodeReflectionAnswer(bytes: Uint8Array): Answered {
  let response: Response;
  try {
    response = messages()
      .message(`${PACKAGE}.ServerReflectionResponse`)
      .decode(bytes, 0, bytes.length) as Response;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new SchemaError(`the server's reflection service sent a malformed answer: ${error.message}`, {
      cause: error,
    });
  }
  const { originalRequest } = response;
  const question =
    originalRequest === undefined ? undefined : questionKey(originalRequest as ReflectionRequest);
  return { answer: answerIn(response), question };
}

function answerIn(response: Response): ReflectionAnswer {
  const { fileDescriptorResponse, allExtensionNumbersResponse, listServicesResponse, errorResponse } =
    response;
  if (fileDescriptorResponse !== undefined) {
    return { kind: 'files', files: fileDescriptorResponse.fileDescriptorProto };
  }
  if (allExtensionNumbersResponse !== undefined) {
    return { kind: 'numbers', numbers: allExtensionNumbersResponse.extensionNumber };
  }
  if (listServicesResponse !== undefined) {
    return { kind: 'services', names: listServicesResponse.service.map(({ name }) => name) };
  }
  if (errorResponse !== undefined) {
    return errorAnswer(errorResponse.errorCode, errorResponse.errorMessage);
  }
  // A response without an answer that we know: the server may speak another version.
  return { kind: 'error', code: StatusCode.UNIMPLEMENTED, message: 'the answer is of an unknown kind' };
}
