// The options of requests themselves: messages as text, from files, from standard input.

import type { OptionGroup } from '../command.ts';
import { UsageError } from '../failure.ts';
import { isFieldWord } from '../field-words.ts';
import type { InputForm, RequestSource } from '../request-messages.ts';

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
      description: 'a message, or several: text, @FILE, or - for standard input',
      isRepeated: true,
    },
    {
      flags: '--input <form>',
      description:
        'what -d holds: json, text (protobuf text format; several with a line "# ---" between), binary (streams: with varint lengths)',
      choices: ['json', 'text', 'binary'],
      fallback: 'json',
    },
    { flags: '--allow-unknown', description: 'pass over fields in -d that the schema does not know' },
  ],
};

/** Where the requests of a command come from. Throws a UsageError for words that set no field. */
export function requestSource(words: readonly string[], options: RequestDataValues): RequestSource {
  const { data = [], input: form = 'json', allowUnknown = false } = options;
  const wrong = words.find((word) => !isFieldWord(word));
  if (wrong !== undefined) {
    const hint = /^\s*[{[]/.test(wrong)
      ? `a JSON message needs -d in front: -d '${wrong}'`
      : 'write field=value, or -d for a whole message';
    throw new UsageError(`'${wrong}' sets no field; ${hint}`);
  }
  if (words.length > 0 && data.length > 0)
    throw new UsageError('give the request as field=value words or with -d, not both');
  return { words, data, form, allowUnknown };
}
