// What every environment does: a test server on a port, and calls that need files, imports of bundled schemas, and errors
// that are instances of the client's class.

export async function calls({ Client, RpcError }, { TestServer, rpcError }) {
  const handlers = {
    Now({ zone }) {
      if (zone === '') throw rpcError('INVALID_ARGUMENT', 'no zone');
      return { zone, at: new Date(0), status: { code: 5 } };
    },
    *Tick({ zone }) {
      yield { zone };
      yield { zone };
    },
  };
  const server = new TestServer('clock.proto', handlers);
  const { target } = await server.listen();
  const client = await new Client(target).load('clock.proto');
  try {
    const reply = await client.request('Now', { zone: 'UTC' });
    const ticks = await client.request('Tick', { zone: 'UTC' }).toArray();
    const error = await client.request('Now').catch((reason) => reason);
    const errorIs = error instanceof RpcError ? 'RpcError' : 'something else';
    return `calls: ${reply.zone} ${reply.status.code} ${ticks.length} ${errorIs} ${error.code}`;
  } finally {
    await client.close();
    await server.close();
  }
}

/** What `calls` gives where all is well. */
export const EXPECTED = 'calls: UTC 5 2 RpcError 3';
