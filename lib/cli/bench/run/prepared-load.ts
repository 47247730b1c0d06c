// A load made ready: its schema, its method and its requests are known and checked, and nothing is called yet.

import type { Client, MethodDescription } from '../../../index.ts';
import { protosetBytes } from '../../client/protoset-bytes.ts';
import { loadFiles } from '../../client/schema-source.ts';
import type { Io } from '../../command/io.ts';
import { TimeLimit } from '../../command/time-limit.ts';
import type { ConnectionValues } from '../../options/connection.ts';
import type { RequestValues } from '../../options/request.ts';
import type { SchemaValues } from '../../options/schema-options.ts';
import type { RequestSource } from '../../requests/request-messages.ts';
import type { ConnectionPeak } from '../load/connection-peak.ts';
import { checkMessages, type LoadValues } from '../load/load-options.ts';
import { runPart, type StartPart } from '../load/load-part.ts';
import { type LoadSetup, partLoad, setupOfThread } from '../load/part-setup.ts';
import { givenRequests, hashOf } from '../load/request-templates.ts';
import type { LoadPlan } from '../plan/load-plan.ts';
import type { PlanPart } from '../plan/plan-part.ts';
import { loadDocument } from '../result/plan-document.ts';
import type { PlanDocument } from '../result/result-document.ts';

type PreparedValues = LoadValues & ConnectionValues & RequestValues & SchemaValues;

/** What is asked for. */
export interface LoadOrder {
  readonly client: Client;
  /** As the library has it, and as it was given. */
  readonly target: string;
  readonly word: string;
  /** The method, as it was given. */
  readonly name: string;
  readonly source: RequestSource;
  readonly options: PreparedValues;
  readonly plan: LoadPlan;
  readonly part: PlanPart;
  readonly watchesClock: boolean;
}

export interface PreparedLoad {
  readonly client: Client;
  readonly method: MethodDescription;
  readonly setup: LoadSetup;
  /** Of all parts; without the other options, which a report does not tell. */
  readonly plan: Omit<PlanDocument, 'options'>;
}

/** Throws for a schema that cannot be had, an unknown method, and invalid requests. */
export async function prepareLoad(order: LoadOrder, io: Io): Promise<PreparedLoad> {
  const { client, target, options, source } = order;
  await loadFiles(client, options, io);
  const method = await new TimeLimit(options.timeout).loading(target, client, (timeoutMs) =>
    client.method(order.name, { signal: io.signal, timeoutMs }),
  );
  checkMessages(method, options);
  const requests = await givenRequests(client, method, source, io);
  const setup: LoadSetup = {
    word: order.word,
    options,
    env: { ...io.env },
    requests,
    allowUnknown: source.allowUnknown,
    messages: options.messages ?? requests.length,
    messageIntervalMs: options.messageInterval ?? 0,
    timeoutMs: options.timeout,
    plan: order.plan,
    connections: options.connections,
    part: order.part,
    watchesClock: order.watchesClock,
  };
  return { client, method, setup, plan: planDocument(setup, target, method) };
}

function planDocument(setup: LoadSetup, target: string, method: MethodDescription): PreparedLoad['plan'] {
  const { timeoutMs } = setup;
  return {
    target,
    method: method.fullName,
    cardinality: method.cardinality,
    load: loadDocument(setup.plan),
    connections: setup.connections ?? null,
    messages: setup.messages,
    messageIntervalMs: setup.messageIntervalMs,
    timeoutMs: timeoutMs === undefined || timeoutMs === Infinity ? null : timeoutMs,
    requests: { count: setup.requests.length, sha256: hashOf(setup.requests) },
  };
}

/**
 * The parts of a load: in this thread, with the connection that the schema came over; or in threads of their own.
 * @param peak counts connections from before the first
 */
export async function partsOf(
  { client, method, setup }: PreparedLoad,
  threads: number,
  peak: ConnectionPeak,
): Promise<StartPart[]> {
  if (threads === 1) {
    const part = partLoad(client, method, setup, peak);
    return [
      (onNews) => {
        const tell = runPart(part, onNews);
        return { tell, kill: () => {} };
      },
    ];
  }
  const { checkThreads, threadPart } = await import('../load/thread-part.ts');
  checkThreads();
  const schema = await protosetBytes(client);
  // Its connection is of no more use.
  await client.close();
  return Array.from({ length: threads }, (_, index) =>
    threadPart({ ...setupOfThread(setup, index, threads), schema, method: method.fullName }),
  );
}
