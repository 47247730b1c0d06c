// Subscriptions to node:diagnostics_channel that end with their spec.

import diagnosticsChannel from 'node:diagnostics_channel';

/** For use in a `describe`: subscribes, and unsubscribes after each spec. */
export function listening(): <T>(name: string, listener: (message: T) => void) => void {
  const open: (() => void)[] = [];
  afterEach(() => {
    for (const end of open.splice(0)) end();
  });
  return (name, listener) => {
    const onMessage = (message: unknown): void => listener(message as never);
    diagnosticsChannel.subscribe(name, onMessage);
    open.push(() => diagnosticsChannel.unsubscribe(name, onMessage));
  };
}
