// What a thread needs to make its part of a load, as data, and the load made of it. A client of its own, with the schema and
// the requests that were read once.

import type { Client, MethodDescription } from '../../../index.ts';
import { connect, type TargetValues } from '../../client/connect.ts';
import type { Environment } from '../../command/io.ts';
import type { LoadPlan } from '../plan/load-plan.ts';
import { type PlanPart, partOfPart, shareOf } from '../plan/plan-part.ts';
import { ConnectionPeak } from './connection-peak.ts';
import { LoadGenerator } from './generator.ts';
import { loadCalls, nameFailure } from './load-calls.ts';
import type { PartLoad } from './load-part.ts';
import { type GivenRequest, requestTemplates } from './request-templates.ts';
import { ServerClock } from './server-clock.ts';

/** What is made, whoever makes it. */
export interface LoadSetup {
  /** The target as it was given, and how it is reached. */
  readonly word: string;
  readonly options: TargetValues;
  readonly env: Environment;
  readonly requests: readonly GivenRequest[];
  readonly allowUnknown: boolean;
  readonly messages: number;
  readonly messageIntervalMs: number;
  readonly timeoutMs: number | undefined;
  readonly plan: LoadPlan;
  /** Over how many connections all parts together spread their calls; one each, when this is undefined. */
  readonly connections: number | undefined;
  readonly part: PlanPart;
  /** Whether the dates of responses are looked at. */
  readonly watchesClock: boolean;
}

/** What a thread is given. */
export interface ThreadSetup extends LoadSetup {
  /** A descriptor set. */
  readonly schema: Uint8Array;
  /** Its full name. */
  readonly method: string;
}

/** Of one of several threads. */
export function setupOfThread(setup: LoadSetup, index: number, of: number): LoadSetup {
  return { ...setup, part: partOfPart(setup.part, { index, of }) };
}

/**
 * The load of a part, not begun.
 * @param client has the schema, and is used for calls
 * @param peak counts connections from before the first of them
 */
export function partLoad(
  client: Client,
  method: MethodDescription,
  setup: LoadSetup,
  peak: ConnectionPeak,
): PartLoad {
  const clients: [Client, ...Client[]] = [client];
  const wanted = shareOf(setup.connections ?? 1, setup.part);
  while (clients.length < wanted) clients.push(connect(setup.word, setup.options, setup.env).client);
  const clock = setup.watchesClock ? new ServerClock() : undefined;
  const makeCall = loadCalls({
    clients,
    method,
    templates: requestTemplates(client, method, setup.requests, setup.allowUnknown),
    messages: setup.messages,
    messageIntervalMs: setup.messageIntervalMs,
    timeoutMs: setup.timeoutMs,
    ...(clock === undefined ? {} : { serverClock: clock }),
  });
  peak.restart();
  return {
    load: new LoadGenerator(setup.plan, makeCall, nameFailure, setup.part),
    // One each, but over HTTP/1.1, where each call in flight has its own.
    connections: () => Math.max(clients.length, peak.most),
    server: () => clock?.offset ?? null,
  };
}

/** The load of a thread. Rejects as the command would for what cannot be connected or loaded. */
export async function threadLoad(setup: ThreadSetup): Promise<PartLoad> {
  const peak = new ConnectionPeak();
  const { client } = connect(setup.word, setup.options, setup.env);
  await client.load(setup.schema);
  return partLoad(client, await client.method(setup.method), setup, peak);
}
