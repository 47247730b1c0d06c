// The options of requests themselves: messages as text, from files, from standard input.

import type { OptionGroup } from '../command/command-definition.ts';
import { UsageError } from '../command/failure.ts';
import { isStdin, isStdinPath } from '../command/standard-input.ts';
import { insteadOfWord } from '../requests/call-words.ts';
import { isFieldWord } from '../requests/field-words.ts';
import type { InputForm, RequestSource } from '../requests/request-messages.ts';
import type { RequestValues } from './request.ts';
import { type SchemaValues, schemaFiles } from './schema-options.ts';

export interface RequestDataValues {
  readonly data?: readonly string[];
  readonly input?: InputForm;
  readonly allowUnknown?: boolean;
}

export const REQUEST_DATA: OptionGroup = {
  title: 'Request',
  options: [
    {
      flags: '-d, --data <message>',
      description:
        'one or more messages: the text itself, @FILE, or - (or @) for standard input; piped input is read without it too',
      isRepeated: true,
    },
    {
      flags: '--input <form>',
      description:
        'the format of -d: json, text (protobuf text format; messages separated by lines of "# ---"), binary (in streams, each message after its length as a varint)',
      choices: ['json', 'text', 'binary'],
      fallback: 'json',
    },
    { flags: '--allow-unknown', description: 'ignore fields in -d that are not in the schema' },
  ],
};

/** Where the requests of a method come from. Throws a UsageError for words that set no field. */
export function requestSource(
  method: string,
  words: readonly string[],
  options: RequestDataValues &
    Pick<SchemaValues, 'reflect' | 'proto' | 'protoset'> &
    Pick<RequestValues, 'codec'>,
): RequestSource {
  const { data = [], input: form = 'json', allowUnknown = false } = options;
  const wrong = words.find((word) => !isFieldWord(word));
  if (wrong !== undefined) {
    throw new UsageError(`'${wrong}' does not set a field; ${insteadOfWord(wrong, method)}`);
  }
  if (words.length > 0 && data.length > 0)
    throw new UsageError('give the request as field=value words or with -d, not both');
  if (data.filter(isStdin).length > 1) {
    throw new UsageError('standard input can be read only once; give -d - once, with all messages in it');
  }
  const isForSchema = schemaFiles(options).some(isStdinPath);
  if (isForSchema && data.some(isStdin)) {
    throw new UsageError(
      'standard input can be read only once: for the schema, or for the request with -d -',
    );
  }
  return {
    words,
    data,
    form,
    allowUnknown,
    takesPipe: !isForSchema,
    asksServer: options.reflect !== false,
    codec: options.codec,
  };
}
