// The requests of a load: given once, checked once, made anew for each call where they have placeholders.

import type { Client, MethodDescription } from '../../index.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { type RequestSource, readsStdin, requestsOf } from '../request-messages.ts';
import { compileTemplate, type TemplateContext } from './template-text.ts';

/** Makes the bytes of a message. */
export type RequestTemplate = (context: TemplateContext) => Uint8Array;

/** Placeholders are tried with these before any call. */
const TRIAL: TemplateContext = { call: 0, message: 0 };

/** All requests that were given, at least one. Throws for what is no message, as `call` does. */
export async function requestTemplates(
  client: Client,
  method: MethodDescription,
  source: RequestSource,
  io: Io,
): Promise<RequestTemplate[]> {
  if (readsStdin(source) && io.stdin.isTTY) {
    throw new UsageError('bench reads its requests before the load begins: pipe them in, or give -d @FILE');
  }
  const { requestType } = method;
  let fill: ReturnType<typeof compileTemplate>;
  const checked: RequestSource = {
    ...source,
    replace(value) {
      fill = compileTemplate(value);
      return fill === undefined ? value : fill(TRIAL);
    },
  };
  const templates: RequestTemplate[] = [];
  for await (const { bytes } of requestsOf(client, method, checked, io)) {
    const compiled = fill;
    fill = undefined;
    if (compiled === undefined) templates.push(() => bytes);
    else if (source.allowUnknown) {
      templates.push((context) =>
        client.encode(requestType, client.fromJson(requestType, compiled(context), { ignoreUnknown: true })),
      );
    } else templates.push((context) => client.encode(requestType, compiled(context)));
  }
  if (templates.length === 0) {
    const empty = client.encode(requestType, {});
    templates.push(() => empty);
  }
  return templates;
}
