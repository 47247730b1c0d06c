// The requests of a load: given once, checked once, made anew for each call where they have placeholders.

import type { Client, MethodDescription } from '../../../index.ts';
import { UsageError } from '../../command/failure.ts';
import type { Io } from '../../command/io.ts';
import { type RequestSource, readsStdin, requestsOf } from '../../requests/request-messages.ts';
import { shapeOf } from './template-shape.ts';
import { compileTemplate, type TemplateContext } from './template-text.ts';

/** Makes the bytes of a message. */
export type RequestTemplate = (context: TemplateContext) => Uint8Array;

/** Placeholders are tried with these before any call. */
const TRIAL: TemplateContext = { call: 0, message: 0 };

/** All requests that were given, at least one. Throws for an invalid message, as `call` does. */
export async function requestTemplates(
  client: Client,
  method: MethodDescription,
  source: RequestSource,
  io: Io,
): Promise<RequestTemplate[]> {
  if (readsStdin(source) && io.standardInput() === 'terminal') {
    throw new UsageError('bench reads its requests before the load starts: pipe them in, or give -d @FILE');
  }
  const { requestType } = method;
  const options = { ignoreUnknown: source.allowUnknown };
  const shape = shapeOf(client, requestType);
  let fill: ReturnType<typeof compileTemplate>;
  const checked: RequestSource = {
    ...source,
    replace(value) {
      fill = compileTemplate(value, shape);
      return fill === undefined ? value : fill(TRIAL);
    },
  };
  const templates: RequestTemplate[] = [];
  for await (const { bytes } of requestsOf(client, method, checked, io)) {
    const compiled = fill;
    fill = undefined;
    if (compiled === undefined) templates.push(() => bytes);
    else {
      templates.push((context) =>
        client.encode(requestType, client.fromJson(requestType, compiled(context), options)),
      );
    }
  }
  if (templates.length === 0) {
    const empty = client.encode(requestType, {});
    templates.push(() => empty);
  }
  return templates;
}
