// What is true of a call, as bits of one field, and what only few calls have, as one object made on first use. A base class
// of calls. While a call waits for its reply, V8 copies it twice and has to mark and sweep it afterwards: with thousands in
// flight, each field that every call carries costs.

import type { Latch } from '../values/latch.ts';
import type { CallContext } from './call-context.ts';
import type { SharedLimit } from './expiry-text.ts';

/** The method is known, but not yet the service config that comes with the server's addresses. */
export const AWAITS_ADDRESSES: number = 1 << 0;
/** The call begins in the same turn as it is made. */
export const BEGINNING: number = 1 << 1;
/** It was ended from this side: unread replies are dropped. */
export const ABANDONED: number = 1 << 2;
/** Somebody has looked at the reply, status, headers or trailers. */
export const OBSERVED: number = 1 << 3;
/** `write` or `end` was called. */
export const WRITTEN: number = 1 << 4;
/** The caller ended it, and need not be told. */
export const CANCELLED_BY_CALLER: number = 1 << 5;

/** Something that ends when the call it follows does, in the same way. */
export interface Follower {
  onFollowedEnd(): void;
}

/** What few calls need. Of its own, since every call in flight would carry its fields. */
class Extras {
  site: Error | undefined;
  lateSite: Error | undefined;
  /** The original error, if the call failed because of a bad value or of the caller's own code rather than a status. */
  failure: unknown;
  /** What the call fails with otherwise, once it was asked for. */
  error: unknown;
  begun: Latch | undefined;
  hasHeaders: Latch | undefined;
  ended: Latch | undefined;
  follower: Follower | undefined;
  /** The limit that its timeout is the rest of. */
  sharedLimit: SharedLimit | undefined;
}

export abstract class CallState {
  protected readonly context: CallContext;
  /** Those above that are true. */
  protected flags = 0;
  protected extras: Extras | undefined;

  constructor(context: CallContext) {
    this.context = context;
  }

  protected setFlag(flag: number, isSet: boolean): void {
    this.flags = isSet ? this.flags | flag : this.flags & ~flag;
  }

  /** The method is known, but not yet the service config that comes with the server's addresses. */
  protected get awaitsAddresses(): boolean {
    return (this.flags & AWAITS_ADDRESSES) !== 0;
  }

  /** What few calls need, to be set. */
  protected get some(): Extras {
    this.extras ??= new Extras();
    return this.extras;
  }

  /** Where the call was made, if its client captures stacks. */
  get site(): Error | undefined {
    return this.extras?.site;
  }

  /** Where a call was made that has to wait before it begins. */
  get lateSite(): Error | undefined {
    return this.extras?.lateSite;
  }

  set lateSite(lateSite: Error | undefined) {
    if (lateSite !== undefined) this.some.lateSite = lateSite;
  }

  get follower(): Follower | undefined {
    return this.extras?.follower;
  }

  set follower(follower: Follower) {
    this.some.follower = follower;
  }

  /** The call was ended from this side: unread replies are dropped. */
  get isAbandoned(): boolean {
    return (this.flags & ABANDONED) !== 0;
  }

  /** Whether somebody has looked at the reply, status, headers or trailers. */
  get isObserved(): boolean {
    return (this.flags & OBSERVED) !== 0;
  }

  /** Somebody looks at the reply, status, headers or trailers. */
  observe(): void {
    this.flags |= OBSERVED;
  }

  /** Whether `write` or `end` was called. */
  get isWritten(): boolean {
    return (this.flags & WRITTEN) !== 0;
  }
}
