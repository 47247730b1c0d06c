// Checks names in a file from a server before they are used: they must be of limited length, since each is part of the
// full names of everything inside it, and fit to be shown in an error. Loading checks whether they are identifiers.

import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from '../descriptors/descriptor-types.ts';

/** Longer than any name that people write, including its package and everything around it. */
export const MAX_NAME_LENGTH = 512;

/** More parts than any name has: a relative name inside is looked up in each of them. */
const MAX_NAME_PARTS = 40;

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would act on them
const CONTROL_CHARACTER = /[\0-\x1f\x7f]/;

/** Whether a text may be a file's name. */
export function isFileName(name: unknown): name is string {
  return (
    typeof name === 'string' && name !== '' && name.length <= MAX_NAME_LENGTH && !CONTROL_CHARACTER.test(name)
  );
}

/** What is wrong with the names of a file, or undefined. */
export function problemOfNames(file: FileDescriptorProto): string | undefined {
  if (!isFileName(file.name)) return 'the server sent a file without a valid name';
  const around = lengthOf(file.package);
  const tooLong = [
    ...(file.messageType ?? []).map((message) => longestInMessage(message, around)),
    ...(file.enumType ?? []).map((one) => longestInEnum(one, around)),
    ...(file.extension ?? []).map((extension) => longestInField(extension, around)),
    ...(file.service ?? []).map(({ name, method }) => {
      const inside = (method ?? []).map((one) =>
        Math.max(lengthOf(one.name), lengthOf(one.inputType), lengthOf(one.outputType)),
      );
      return around + lengthOf(name) + largest(inside);
    }),
  ];
  if (Math.max(around, largest(tooLong)) > MAX_NAME_LENGTH) {
    return `${file.name} has names longer than ${MAX_NAME_LENGTH} characters`;
  }
  const parts = (file.package ?? '').split('.').length + largest((file.messageType ?? []).map(levelsOf));
  return parts > MAX_NAME_PARTS ? `${file.name} has names with more than ${MAX_NAME_PARTS} parts` : undefined;
}

/** How deep messages are nested, this one included. */
function levelsOf(message: DescriptorProto): number {
  return 1 + largest((message.nestedType ?? []).map(levelsOf));
}

/** The longest full name in a message, its own included. */
function longestInMessage(message: DescriptorProto, around: number): number {
  const own = around + lengthOf(message.name);
  let longest = own;
  for (const field of message.field ?? []) longest = Math.max(longest, longestInField(field, own));
  for (const extension of message.extension ?? [])
    longest = Math.max(longest, longestInField(extension, own));
  for (const one of message.enumType ?? []) longest = Math.max(longest, longestInEnum(one, own));
  for (const nested of message.nestedType ?? []) longest = Math.max(longest, longestInMessage(nested, own));
  return longest;
}

/** The JSON name counts as well: it is printed as often as the field is set. */
function longestInField(
  { name, jsonName, typeName, extendee }: FieldDescriptorProto,
  around: number,
): number {
  const own = around + Math.max(lengthOf(name), lengthOf(jsonName));
  return Math.max(own, lengthOf(typeName), lengthOf(extendee));
}

/** Values are siblings of their enum. */
function longestInEnum({ name, value }: EnumDescriptorProto, around: number): number {
  return around + Math.max(lengthOf(name), largest((value ?? []).map((one) => lengthOf(one.name))));
}

const lengthOf = (text: string | undefined): number => text?.length ?? 0;

/** Not by Math.max(...lengths): there may be more of them than a call can have arguments. */
function largest(lengths: readonly number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}
