// Whether what belongs to one caller, or to one server, stays there.

import type { Oracle } from './oracle.ts';

/** Code of a caller's runs in the caller's context, and its token goes with its calls alone. */
export const contextsStayApart: Oracle = {
  name: 'contexts stay apart',
  promise: 'docs/credentials.md: credentials are asked for in the context of the call',
  *find({ calls, probes, attempts }) {
    const callers = new Map([...calls, ...probes].map(({ plan }) => [plan.id, plan.caller]));
    for (const { call, authorization, address } of attempts) {
      const caller = callers.get(call);
      if (authorization === undefined || authorization === `Bearer ${caller}`) continue;
      yield `call ${call} of ${caller} came to ${address} with the token of ${authorization.slice(7)}`;
    }
    for (const { plan, strangers } of calls) {
      for (const stranger of strangers) yield `code of call ${plan.id} of ${plan.caller} ran for ${stranger}`;
    }
  },
};

/** Tokens never go over plaintext, and only to who proved to be the server: by itself, not by another's session. */
export const identitiesHold: Oracle = {
  name: 'identities hold',
  promise:
    'docs/promises.md 12: credentials never go over plaintext; host names are verified; docs/tls.md: sessions',
  *find({ attempts, dials }) {
    for (const { offered, startMs } of dials) {
      if (offered === undefined || offered.of === offered.to) continue;
      yield `at ${Math.round(startMs)} ms the TLS session of ${offered.of} was offered to ${offered.to}`;
    }
    for (const { authorization, connection, call, address } of attempts) {
      if (authorization !== undefined && !connection.isTls)
        yield `call ${call} sent its token to ${address} in plaintext`;
    }
  },
};
