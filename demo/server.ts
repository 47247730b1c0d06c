// `npm run server`: the demo's server by itself, for trying examples/. Ends with Ctrl-C.

import { serveExamples } from '../spec/support/example-server.ts';

const port = Number(process.argv[2] ?? 50051);
const server = await serveExamples({ port, reflection: true });
console.log(`helloworld.Greeter and routeguide.RouteGuide on localhost:${server.port}; Ctrl-C ends`);
process.once('SIGINT', () => void server.close());
