// Writes the address of the project's repository into package.json, where it stands three times, and into SECURITY.md,
// which says where to report:
//
//   node scripts/repository.js https://github.com/somebody/stubless
//
// Until its owner has done so, the address is a placeholder, and `npm publish` refuses. The npm page takes links of the
// README such as docs/cli.md for files of that repository.

import { readFileSync, writeFileSync } from 'node:fs';

const MANIFEST = 'package.json';
const POLICY = 'SECURITY.md';
/** In the place of the owner's name. */
const PLACEHOLDER = 'OWNER';
/** Where GitHub takes reports that nobody else can read. */
const REPORTS = '/security/advisories/new';

const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8'));
const policy = readFileSync(POLICY, 'utf8');
const [address] = process.argv.slice(2);

if (address === '--check') {
  if (manifest.repository.url.includes(`/${PLACEHOLDER}/`)) {
    console.error('package.json names no repository yet: node scripts/repository.js https://…');
    process.exitCode = 1;
  } else if (policy.includes(`/${PLACEHOLDER}/`)) {
    console.error('SECURITY.md does not say where to report yet: node scripts/repository.js https://…');
    process.exitCode = 1;
  }
} else {
  if (!/^https:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(address ?? '')) {
    throw new TypeError(`the address must be like https://github.com/somebody/stubless, not ${address}`);
  }
  const page = address.replace(/\.git$/, '');
  manifest.homepage = `${page}#readme`;
  manifest.bugs.url = `${page}/issues`;
  manifest.repository.url = `git+${page}.git`;
  writeFileSync(MANIFEST, `${JSON.stringify(manifest, undefined, 2)}\n`);
  const reports = new RegExp(`https://[^\\s)]+${REPORTS}`, 'g');
  writeFileSync(POLICY, policy.replaceAll(reports, `${page}${REPORTS}`));
}
