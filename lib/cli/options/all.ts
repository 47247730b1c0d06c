// All options that several commands share, to know which of them take a value.

import { isOptionWithValue } from '../command/command-definition.ts';
import { CONNECTION } from './connection.ts';
import { OUTPUT } from './output.ts';
import { REQUEST } from './request.ts';
import { REQUEST_DATA } from './request-data.ts';
import { SCHEMA } from './schema-options.ts';

export const SHARED_OPTIONS = [CONNECTION, REQUEST, REQUEST_DATA, SCHEMA, OUTPUT].flatMap(
  ({ options }) => options,
);

/** Whether the word behind an option, `-H` or `--header`, is its value. */
export function takesValue(word: string): boolean {
  return SHARED_OPTIONS.some((option) => isOptionWithValue(option, word));
}
