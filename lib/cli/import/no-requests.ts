// What to do with a file that has no requests of gRPC to import, and could not have any.

import { LocalError } from '../command/failure.ts';

/** @param shown the file, as errors call it */
export function noRequests(texts: readonly { readonly shown: string; readonly text: string }[]): LocalError {
  const advice = texts.map(({ shown, text }) => adviceFor(shown, text)).find((one) => one !== undefined);
  const files = texts.map(({ shown }) => shown).join(', ');
  return new LocalError(`no gRPC requests in ${files}${advice === undefined ? '' : `; ${advice}`}`);
}

function adviceFor(shown: string, text: string): string | undefined {
  if (/schema\.getpostman\.com|"_postman_id"/.test(text)) {
    return "Postman's exports have none: copy each request as grpcurl (its code snippet), and pipe that in";
  }
  if (/\.hurl$/i.test(shown)) return "hurl's are HTTP; docs/requests.md says what its words are called here";
  if (/^\s*(?:curl|http)\s/m.test(text)) return 'of command lines, those of grpcurl are taken';
  return undefined;
}
