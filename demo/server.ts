// `npm run server`: the demo's server by itself, for trying examples/. Ends with Ctrl-C.

import { startExampleServer } from '../spec/support/servers.ts';

const port = Number(process.argv[2] ?? 50051);
const server = await startExampleServer({ port });
console.log(`helloworld.Greeter and routeguide.RouteGuide on localhost:${server.port}; Ctrl-C ends`);
process.once('SIGINT', () => void server.close());
