import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

// Everything that runs is in `.next/standalone`, for a container without node_modules.
export default {
  output: 'standalone',
  outputFileTracingRoot: dirname(fileURLToPath(import.meta.url)),
};
