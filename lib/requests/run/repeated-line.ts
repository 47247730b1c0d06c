// A `stubless call` that sends a request again, by itself.

import { durationText } from '../../values/text/duration-text.ts';
import { literalText } from '../file/template.ts';
import type { Secrets } from '../secrets.ts';
import { shellWord } from '../shell-word.ts';
import type { BoundRequest } from './bound-request.ts';
import type { PlannedRequest } from './plan.ts';

/** Systems take no longer lines; a request that does not fit is named. */
export const MAX_REPEATED_CHARACTERS = 32_000;

/** Its words; secrets are still in them. */
export function repeatedWords(planned: PlannedRequest, bound: BoundRequest): readonly string[] {
  const { request, target } = planned;
  const words = wordsOf(planned, bound);
  if (words.reduce((sum, { length }) => sum + length, 0) > MAX_REPEATED_CHARACTERS) {
    return namedWords(planned.files.source.path, planned.name);
  }
  words.push(...target.optionWords);
  if (request.timeoutMs !== undefined) words.push('--timeout', durationText(request.timeoutMs));
  return words;
}

/** The words that send a request of a file, with what it needs of others before it. */
export const namedWords = (file: string, name: string): readonly string[] => [
  'stubless',
  'call',
  `${file}#${name}`,
];

function wordsOf({ request, target, method }: PlannedRequest, bound: BoundRequest): string[] {
  const words = ['stubless', 'call', target.target, method.path.slice(1)];
  const messages = bound.messages.map(({ fields }) => target.client.toJsonString(method.requestType, fields));
  if (request.isList && messages.length > 0) words.push('-d', messages.join(' '));
  else if (messages.length > 0 && messages[0] !== '{}') words.push('-d', messages[0]);
  for (const [name, value] of bound.metadata) {
    words.push('-H', `${name}: ${metadataText(value)}`);
  }
  return words;
}

/** A value of metadata as the command line is given it, which takes ${NAME} for a variable of the environment. */
export function metadataText(value: string | Uint8Array): string {
  return typeof value === 'string' ? literalText(value) : Buffer.from(value).toString('base64');
}

/** Words as a line for a shell, which takes secrets from the environment; in metadata `stubless call` does that itself. */
export function shellLine(words: readonly string[], secrets: Secrets): string {
  return words
    .map((word, index) => {
      if (words[index - 1] === '-H') return shellWord(secrets.replaced(word, ({ name }) => `\${${name}}`));
      const marked = secrets.replaced(word, ({ name }) => `${MARK}${name}${MARK}`);
      return shellWord(marked).replace(MARKED, (_, name: string) => `'"$${name}"'`);
    })
    .join(' ');
}

/** No argument of a program holds this character. */
const MARK = '\0';
const MARKED = new RegExp(`${MARK}([^${MARK}]+)${MARK}`, 'g');
