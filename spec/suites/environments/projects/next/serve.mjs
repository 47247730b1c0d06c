// Serves what was built from another place, and asks it once.
import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const place = process.env.ELSEWHERE;
cpSync('.next/standalone', place, { recursive: true });
cpSync('clock.proto', join(place, 'clock.proto'));
// A port that was free a moment ago: the server of Next.js does not tell which it got.
const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const server = spawn(process.execPath, ['server.js'], {
  cwd: place,
  env: { ...process.env, PORT: String(port), HOSTNAME: '127.0.0.1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  for await (const chunk of server.stdout) if (String(chunk).includes('Ready')) break;
  const reply = await fetch(`http://127.0.0.1:${port}/api/clock`);
  console.log(await reply.text());
} finally {
  server.kill();
}
