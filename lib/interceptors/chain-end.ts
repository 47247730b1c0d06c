// What an interceptor's `next` leads to: the next interceptor's call, or, at the inner end of the chain, a call on the
// wire, made as the client makes calls without interceptors.

import type { CallContext } from '../call/call-context.ts';
import type { CallOptions, CheckedCallOptions } from '../call/call-options.ts';
import type { InterceptedCall, InterceptedOptions } from '../call/interceptor.ts';
import { type OuterCall, WireCall } from '../call/wire-call.ts';
import { fieldsOfInput } from '../rpc/metadata-fields.ts';
import { type Chain, type ChainEnd, type ChainLink, IN_ITS_OWN_PLACE } from './chain.ts';
import { InterceptorStep } from './interceptor-step.ts';

/**
 * What a client's intercepted calls need from it.
 * @param check completes options; throws if they are wrong
 * @param checkFields the same for metadata alone
 */
export function chainEnd(
  context: CallContext,
  check: (options: CallOptions) => CheckedCallOptions,
  checkFields: (options: CheckedCallOptions) => void,
  running: { add(call: WireCall): void },
): ChainEnd {
  const end: ChainEnd = {
    context,
    goOn(from, target, given) {
      const { chain, index } = from;
      const { interceptors } = chain;
      const { path, requestStream } = target.method;
      const place = { chain, index: index + 1 };
      let checked: CheckedCallOptions;
      try {
        checked = optionsOf(given, from, path, check, checkFields);
      } catch (mistake) {
        const refused = new InterceptorStep(end, path, interceptors, from.options, undefined, place);
        refused.refuse(target, mistake);
        return refused;
      }
      const { options, metadata } = given;
      const request = requestStream ? given.messages : given.message;
      if (place.index < interceptors.length) {
        const inner = new InterceptorStep(end, path, interceptors, checked, { ...options, metadata }, place);
        inner.beginInner(target, request);
        return inner;
      }
      const call =
        options?.timeoutMs === chain.timeoutMs
          ? new WireCall(context, path, checked, chain)
          : withTimeout(context, path, checked, chain, options?.timeoutMs);
      if (call.isDone) return call;
      running.add(call);
      call.begin(target, request, false);
      return call;
    },
  };
  return end;
}

/** A call with a timeout that an interceptor set: it counts from now, but never outlasts the caller's deadline. */
function withTimeout(
  context: CallContext,
  path: string,
  options: CheckedCallOptions,
  { deadlineMs, site, lateSite }: Chain,
  wantedMs: number | undefined,
): WireCall {
  const startMs = performance.now();
  const leftMs = Math.max(deadlineMs - startMs, Number.MIN_VALUE);
  const timeoutMs = wantedMs === undefined ? leftMs : Math.min(wantedMs, leftMs);
  const outer: OuterCall = { startMs, site, lateSite, begun: undefined };
  return new WireCall(context, path, { ...options, timeoutMs }, outer);
}

/** The options to go on with, checked again only if the interceptor changed them. Throws if something is wrong. */
function optionsOf(
  given: InterceptedCall,
  from: ChainLink,
  path: string,
  check: (options: CallOptions) => CheckedCallOptions,
  checkFields: (options: CheckedCallOptions) => void,
): CheckedCallOptions {
  if (from.isDone) throw from.failure() ?? new TypeError(`next was called after ${path} had ended`);
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${from.who} called next with ${String(given)}: give it the call, or a copy of it`);
  }
  const { options, metadata } = given;
  if (!areUnchanged(options, from.given)) return check({ ...options, metadata });
  const fields = metadata === undefined ? undefined : fieldsOfInput(metadata);
  if (fields === undefined && from.options.fields === undefined) return from.options;
  const changed = { ...from.options, fields };
  checkFields(changed);
  return changed;
}

/** Whether an interceptor goes on with the options that the call was made with. */
function areUnchanged(options: InterceptedOptions, given: CallOptions): boolean {
  let added = 0;
  for (const name in options) {
    const known = name as keyof InterceptedOptions;
    if (options[known] !== given[known]) return false;
    added++;
  }
  for (const name in given) if (!IN_ITS_OWN_PLACE.has(name)) added--;
  return added === 0;
}
