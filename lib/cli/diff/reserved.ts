// What is no longer reserved in a message or enum, and what is newly reserved: numbers, names, and numbers for extensions.
// A number that is used again is read as what it meant before; so is a name in ProtoJSON (Buf's RESERVED_MESSAGE_NO_DELETE,
// RESERVED_ENUM_NO_DELETE). An extension whose number is outside every range can no longer be declared
// (EXTENSION_MESSAGE_NO_DELETE).

import type { EnumDescription, MessageDescription, NumberRange } from '../../index.ts';
import type { Note } from './change.ts';

type Reserving = MessageDescription | EnumDescription;
type Ranges = readonly NumberRange[];

export function reserved(old: Reserving, now: Reserving, note: Note): void {
  const freed = without(old.reservedRanges, now.reservedRanges);
  if (freed.length > 0) {
    note('RESERVED_NUMBER_REMOVED', old.fullName, `no longer reserved: ${textOf(freed)}`);
  }
  const names = old.reservedNames.filter((name) => !now.reservedNames.includes(name));
  if (names.length > 0)
    note('RESERVED_NAME_REMOVED', old.fullName, `no longer reserved: ${names.join(', ')}`);
  const added = [
    textOf(without(now.reservedRanges, old.reservedRanges)),
    ...now.reservedNames.filter((name) => !old.reservedNames.includes(name)),
  ].filter((text) => text !== '');
  if (added.length > 0) note('RESERVED_ADDED', old.fullName, `now reserved: ${added.join(', ')}`);
}

export function extensionRanges(old: MessageDescription, now: MessageDescription, note: Note): void {
  const removed = without(old.extensionRanges, now.extensionRanges);
  if (removed.length > 0) {
    note('EXTENSION_RANGE_REMOVED', old.fullName, `no longer for extensions: ${textOf(removed)}`);
  }
  const added = without(now.extensionRanges, old.extensionRanges);
  if (added.length > 0) note('EXTENSION_RANGE_ADDED', old.fullName, `now for extensions: ${textOf(added)}`);
}

/** The numbers of the one that are not in the other, however each is divided. */
function without(ranges: Ranges, taken: Ranges): Ranges {
  const others = [...taken].sort((a, b) => a.from - b.from);
  const left: { from: number; to: number }[] = [];
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    let at = from;
    for (const other of others) {
      if (other.to < at) continue;
      if (other.from > to) break;
      if (other.from > at) left.push({ from: at, to: other.from - 1 });
      at = other.to + 1;
    }
    if (at <= to) left.push({ from: at, to });
  }
  return left;
}

function textOf(ranges: Ranges): string {
  return ranges.map(({ from, to }) => (from === to ? String(from) : `${from} to ${to}`)).join(', ');
}
