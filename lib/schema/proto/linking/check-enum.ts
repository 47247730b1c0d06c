// What protoc refuses in enums.

import type { SchemaError } from '../../../values/errors.ts';
import { NumberRanges } from '../../descriptors/range-set.ts';
import type { EnumValueDraft } from '../syntax/draft.ts';
import { quoted } from '../syntax/source-text.ts';
import type { EnumSymbol } from './link-table.ts';
import { featureOf } from './syntax-features.ts';

export function checkEnum({ element, file }: EnumSymbol): void {
  const { marks, source, ranges } = file.parsed;
  const error = (value: EnumValueDraft, at: 'name' | 'second', message: string): SchemaError =>
    source.error(marks.of(value)?.[at] ?? 0, message);
  const { value: values = [], reservedRange = [], reservedName = [], options = {} } = element;
  if (values.length === 0) {
    throw source.error(marks.of(element)?.name ?? 0, `the enum ${quoted(element.name)} has no values`);
  }
  if (values[0].number !== 0 && featureOf('enumType', element, file.descriptor) === 'OPEN') {
    throw error(values[0], 'second', `the first value of the enum must be 0, found ${values[0].number}`);
  }
  const reserved = new NumberRanges(
    // The ends of an enum's ranges are inclusive, those of NumberRanges are not.
    reservedRange.map((range) => ({ start: range.start, end: range.end + 1, range })),
  );
  const inverted = reservedRange.find(({ start, end }) => end < start);
  if (inverted !== undefined)
    throw source.error(ranges.get(inverted) ?? 0, 'this range ends before it starts');
  const overlap = reserved.overlap();
  if (overlap !== undefined) {
    throw source.error(ranges.get(overlap[1].range) ?? 0, 'this range overlaps with another reserved one');
  }
  const names = new Set(reservedName);
  const byNumber = new Map<number, EnumValueDraft>();
  for (const value of values) {
    const twin = byNumber.get(value.number);
    if (twin !== undefined && options['allowAlias'] !== true) {
      const what = `number ${value.number} is taken by the value ${quoted(twin.name)}`;
      throw error(value, 'second', `${what}; 'option allow_alias = true' would allow it`);
    }
    byNumber.set(value.number, value);
    if (reserved.find(value.number) !== undefined)
      throw error(value, 'second', `number ${value.number} is reserved`);
    if (names.has(value.name)) throw error(value, 'name', `the name ${quoted(value.name)} is reserved`);
  }
}
