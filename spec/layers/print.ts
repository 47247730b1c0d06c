// Prints the rooms of lib from the top down, with the arrows that the files really have: `npm run layers [-- --mermaid]`.
// Fails on an arrow that rooms.json does not allow, and on a circle.

import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { files, floors, importsOf, picture, roomOf, rooms, violations } from './rooms.ts';

const arrows = new Map<string, Set<string>>();
const sizes = new Map<string, number>();
const wrong: string[] = [];
for (const file of files) {
  const source = readFileSync(`lib/${file}`, 'utf8');
  wrong.push(...violations(file, source));
  const from = roomOf(file) ?? file;
  sizes.set(from, (sizes.get(from) ?? 0) + 1);
  const own = arrows.get(from) ?? new Set();
  arrows.set(from, own);
  for (const { specifier } of importsOf(source)) {
    if (!specifier.startsWith('.')) continue;
    const to = roomOf(posix.join(posix.dirname(file), specifier));
    if (to !== undefined && to !== from) own.add(to);
  }
}
const names = [...arrows.keys()];
const heights = floors((name) => [...(arrows.get(name) ?? [])], names);
if (process.argv.includes('--mermaid')) console.log(picture());
else {
  const order = Object.keys(rooms);
  names.sort((a, b) => (heights.get(b) ?? 0) - (heights.get(a) ?? 0) || order.indexOf(a) - order.indexOf(b));
  console.log('floor  files  room → the rooms that it imports');
  for (const name of names) {
    const targets = [...(arrows.get(name) ?? [])].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    const [floor, size] = [heights.get(name), sizes.get(name)].map((value) => String(value).padStart(5));
    console.log(`${floor}  ${size}  ${name}${targets.length > 0 ? ` → ${targets.join(', ')}` : ''}`);
  }
  const top = new Set(names.map((name) => name.split('/')[0]).filter((name) => name !== '.'));
  const count = [...arrows.values()].reduce((sum, { size }) => sum + size, 0);
  console.log(`${names.length} rooms, ${top.size} of them at the top, ${count} arrows, no circle`);
}
for (const line of wrong) console.error(line);
if (wrong.length > 0) process.exitCode = 1;
