// Schemas of a hostile server, as its reflection sends them: FileDescriptorProtos within the limits of reflection, or just
// past them, that would take as much memory and time as they can.

import { lengthDelimited, varint } from './wire.ts';

/** Files in the order in which the server sends them; the first defines a service with a method M. */
export interface HostileSchema {
  readonly name: string;
  /** One of the few that every test run loads. */
  readonly isQuick?: boolean;
  /** The service that is asked for; default t.S. */
  readonly service?: string;
  files(): readonly Uint8Array[];
}

type Part = Uint8Array | string | number;

/** A field: text or bytes with their length, or a number. */
function field(number: number, value: Part): Uint8Array {
  if (typeof value === 'number') return Uint8Array.from([...varint(number * 8), ...varint(value)]);
  return lengthDelimited(number, typeof value === 'string' ? Buffer.from(value) : value);
}

const join = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const many = (count: number, make: (i: number) => Uint8Array): Uint8Array =>
  join(Array.from({ length: count }, (_, i) => make(i)));

const INT32 = 5;
const MESSAGE = 11;
const OPTIONAL = 1;
const REPEATED = 3;

const named = (name: string, ...parts: Uint8Array[]): Uint8Array => join([field(1, name), ...parts]);
const message = (name: string, ...parts: Uint8Array[]): Uint8Array => field(4, named(name, ...parts));
const nestedIn = (name: string, ...parts: Uint8Array[]): Uint8Array => field(3, named(name, ...parts));
const fieldOf = (name: string, number: number, type: number, ...parts: Uint8Array[]): Uint8Array =>
  field(2, named(name, field(3, number), field(4, OPTIONAL), field(5, type), ...parts));
const range = (start: number, end: number): Uint8Array => join([field(1, start), field(2, end)]);
const numberOf = (i: number): number => (i < 18_999 ? i + 1 : i + 1001);

const METHOD = field(2, join([field(1, 'M'), field(2, '.t.A'), field(3, '.t.A')]));
const SERVICE = field(6, named('S', METHOD));

/** t.proto with its service, message A and more. */
const file = (...parts: Uint8Array[]): Uint8Array =>
  join([field(1, 't.proto'), field(2, 't'), field(12, 'proto3'), SERVICE, ...parts]);
const A = message('A');

const one = (name: string, make: () => Uint8Array, isQuick = false): HostileSchema => ({
  name,
  isQuick,
  files: () => [make()],
});

const long = (i: number): string => `x${i}${'y'.repeat(490)}`;
const deepPackage = (parts: number): string => Array(parts).fill('a').join('.');

/** As long and of as many parts as names may be. */
const LONG_PACKAGE = Array.from({ length: 38 }, (_, i) => `a${i}`.padEnd(12, 'x')).join('.');

export const HOSTILE_SCHEMAS: readonly HostileSchema[] = [
  one('many messages', () =>
    file(
      A,
      many(90_000, (i) => message(`M${i}`)),
    ),
  ),
  one('many messages of a field each', () =>
    file(
      A,
      many(30_000, (i) => message(`M${i}`, fieldOf('f', 1, MESSAGE, field(6, `.t.M${(i * 7) % 30_000}`)))),
    ),
  ),
  one('too many messages', () => file(A, Buffer.alloc(4e6, Uint8Array.of(0x22, 0))), true),
  one(
    'a message of many fields',
    () =>
      file(
        message(
          'A',
          many(95_000, (i) => fieldOf(`f${i}`, numberOf(i), INT32)),
        ),
      ),
    true,
  ),
  one('a message of many lists', () =>
    file(
      message(
        'A',
        many(95_000, (i) =>
          field(2, named(`f${i}`, field(3, numberOf(i)), field(4, REPEATED), field(5, INT32))),
        ),
      ),
    ),
  ),
  one('long names', () =>
    file(
      A,
      many(60_000, (i) => message(long(i))),
    ),
  ),
  one(
    'long names of fields',
    () =>
      file(
        message(
          'A',
          many(60_000, (i) => fieldOf(long(i), numberOf(i), INT32)),
        ),
      ),
    true,
  ),
  one('a long name in JSON', () => file(message('A', fieldOf('f', 1, INT32, field(10, 'j'.repeat(16e6)))))),
  one('a long name of a oneof', () =>
    file(message('A', field(8, named('o'.repeat(16e6))), fieldOf('f', 1, INT32, field(9, 0)))),
  ),
  one('a long name of an enum value', () => file(A, field(5, named('E', field(2, named('v'.repeat(16e6))))))),
  one('a long default', () => file(message('A', fieldOf('f', 1, 9, field(7, 'd'.repeat(16e6)))))),
  one('messages in each other', () => {
    let inner = nestedIn('N');
    for (let i = 0; i < 37; i++) inner = nestedIn('N', inner);
    return file(
      A,
      many(2400, (i) => message(`M${i}`, inner)),
    );
  }),
  one('messages in each other, too deep', () => {
    let inner = nestedIn('N');
    for (let i = 0; i < 20_000; i++) inner = nestedIn('N', inner);
    return file(A, message('M', inner));
  }),
  one('a oneof of many fields', () =>
    file(
      message(
        'A',
        field(8, named('o')),
        many(95_000, (i) => fieldOf(`f${i}`, numberOf(i), INT32, field(9, 0))),
      ),
    ),
  ),
  one('many oneofs', () =>
    file(
      message(
        'A',
        many(45_000, (i) => field(8, named(`o${i}`))),
        many(45_000, (i) => fieldOf(`f${i}`, numberOf(i), INT32, field(9, i))),
      ),
    ),
  ),
  one('many maps', () =>
    file(
      message(
        'A',
        many(18_000, (i) =>
          nestedIn(`F${i}Entry`, fieldOf('key', 1, INT32), fieldOf('value', 2, INT32), field(7, field(7, 1))),
        ),
        many(18_000, (i) =>
          field(
            2,
            named(
              `f${i}`,
              field(3, i + 1),
              field(4, REPEATED),
              field(5, MESSAGE),
              field(6, `.t.A.F${i}Entry`),
            ),
          ),
        ),
      ),
    ),
  ),
  one('many extension ranges', () =>
    file(
      A,
      message(
        'M',
        many(95_000, (i) => field(5, range(i * 2 + 1, i * 2 + 2))),
      ),
    ),
  ),
  one('many reserved ranges', () =>
    file(
      A,
      message(
        'M',
        many(45_000, (i) => field(9, range(i * 2 + 1, i * 2 + 2))),
        many(45_000, (i) => fieldOf(`f${i}`, 100_000 + i, INT32)),
      ),
    ),
  ),
  one('many reserved names', () =>
    file(
      A,
      message(
        'M',
        many(45_000, (i) => field(10, `r${i}`)),
        many(45_000, (i) => fieldOf(`f${i}`, numberOf(i), INT32)),
      ),
    ),
  ),
  one('many extensions', () =>
    join([
      field(1, 't.proto'),
      field(2, 't'),
      field(12, 'proto2'),
      SERVICE,
      message('A', field(5, range(1, 536_870_912))),
      many(80_000, (i) =>
        field(
          7,
          named(`e${i}`, field(2, '.t.A'), field(3, numberOf(i)), field(4, OPTIONAL), field(5, INT32)),
        ),
      ),
    ]),
  ),
  one('many enum values', () =>
    file(
      A,
      field(
        5,
        named(
          'E',
          many(95_000, (i) => field(2, named(`V${i}`, field(2, i)))),
        ),
      ),
    ),
  ),
  one('many methods', () =>
    join([
      field(1, 't.proto'),
      field(2, 't'),
      field(12, 'proto3'),
      A,
      field(
        6,
        named(
          'S',
          METHOD,
          many(95_000, (i) => field(2, join([field(1, `M${i}`), field(2, '.t.A'), field(3, '.t.A')]))),
        ),
      ),
    ]),
  ),
  one('many services', () =>
    file(
      A,
      many(90_000, (i) => field(6, named(`S${i}`))),
    ),
  ),
  one('many comments', () =>
    file(
      A,
      field(
        9,
        many(30_000, (i) =>
          field(
            1,
            join([field(1, Uint8Array.of(4, 0)), field(2, Uint8Array.of(1, 2, 3)), field(3, `comment ${i}`)]),
          ),
        ),
      ),
    ),
  ),
  ...[20, 39].flatMap((parts): HostileSchema[] => {
    const scope = deepPackage(parts);
    const deep =
      (type: (i: number) => string): (() => readonly Uint8Array[]) =>
      () => [
        join([
          field(1, 't.proto'),
          field(2, scope),
          field(12, 'proto3'),
          message(
            'A',
            many(45_000, (i) => fieldOf(`f${i}`, numberOf(i), MESSAGE, field(6, type(i)))),
          ),
          field(6, named('S', field(2, join([field(1, 'M'), field(2, 'A'), field(3, 'A')])))),
        ]),
      ];
    const service = `${scope}.S`;
    return [
      { name: `relative names in a package of ${parts} parts`, service, files: deep(() => 'A') },
      {
        name: `names that are nowhere, in a package of ${parts} parts`,
        service,
        isQuick: true,
        files: deep((i) => `T${i}`),
      },
    ];
  }),
  {
    name: 'relative names that lead out of a deep package',
    service: `${LONG_PACKAGE}.S`,
    files: () => {
      const scope = LONG_PACKAGE;
      return [
        join([
          field(1, 't.proto'),
          field(2, scope),
          field(12, 'proto3'),
          field(3, 'u.proto'),
          message(
            'A',
            many(40_000, (i) => fieldOf(`f${i}`, numberOf(i), MESSAGE, field(6, `T${i}`))),
          ),
          field(6, named('S', field(2, join([field(1, 'M'), field(2, 'A'), field(3, 'A')])))),
        ]),
        join([field(1, 'u.proto'), field(12, 'proto3'), many(40_000, (i) => message(`T${i}`))]),
      ];
    },
  },
  one('a type that is nowhere, among many', () =>
    file(
      message('A', fieldOf('f', 1, MESSAGE, field(6, '.t.Nowhere'))),
      many(80_000, (i) => message(`Nowhere${i}`)),
    ),
  ),
  one('names with many parts', () =>
    file(
      message(
        'A',
        many(20_000, (i) => fieldOf(`f${i}`, numberOf(i), MESSAGE, field(6, `${deepPackage(240)}.T${i}`))),
      ),
    ),
  ),
  one('many unknown imports', () =>
    file(
      A,
      many(90_000, (i) => field(3, `i${i}.proto`)),
    ),
  ),
  {
    name: 'a chain of public imports',
    files: () => [
      file(A, field(3, 'f0.proto'), field(10, 0)),
      ...Array.from({ length: 9000 }, (_, i) =>
        join([
          field(1, `f${i}.proto`),
          field(2, 't'),
          field(12, 'proto3'),
          ...(i < 8999 ? [field(3, `f${i + 1}.proto`), field(10, 0)] : []),
          message(`P${i}`, fieldOf('f', 1, MESSAGE, field(6, '.t.P8999'))),
        ]),
      ),
    ],
  },
  {
    name: 'a net of public imports',
    files: () => [
      file(A, field(3, 'f0.proto'), field(10, 0)),
      ...Array.from({ length: 380 }, (_, i) =>
        join([
          field(1, `f${i}.proto`),
          field(2, 't'),
          field(12, 'proto3'),
          ...Array.from({ length: 379 - i }, (_, n) => join([field(3, `f${i + 1 + n}.proto`), field(10, n)])),
          message(`P${i}`, fieldOf('f', 1, MESSAGE, field(6, '.t.P379'))),
        ]),
      ),
    ],
  },
  {
    name: 'files that import each other',
    files: () =>
      Array.from({ length: 2 }, (_, i) =>
        join([
          field(1, i === 0 ? 't.proto' : 'u.proto'),
          field(2, 't'),
          field(12, 'proto3'),
          field(3, i === 0 ? 'u.proto' : 't.proto'),
          ...(i === 0 ? [A, SERVICE] : []),
        ]),
      ),
  },
  {
    name: 'very many files',
    files: () => [file(A), ...Array.from({ length: 12_000 }, (_, i) => field(1, `f${i}.proto`))],
  },
  {
    name: 'options of a custom type',
    files: () => customOptions(Buffer.alloc(1_500_000, Uint8Array.of(0x0a, 0))),
  },
  {
    name: 'options of a custom type, each with a list',
    files: () => customOptions(Buffer.alloc(1_500_000, Uint8Array.of(0x0a, 2, 0x0a, 0))),
  },
];

/** A file with an option of a message type that has a list of itself, and a message with these octets for it. */
function customOptions(value: Uint8Array): readonly Uint8Array[] {
  const list = named('o', field(3, 1), field(4, REPEATED), field(5, MESSAGE), field(6, '.t.O'));
  const option = named(
    'opt',
    field(2, '.google.protobuf.MessageOptions'),
    field(3, 50_000),
    field(4, OPTIONAL),
    field(5, MESSAGE),
    field(6, '.t.O'),
  );
  return [
    join([
      file(A, field(3, 'google/protobuf/descriptor.proto'), message('O', field(2, list))),
      field(7, option),
      message('M', field(7, field(50_000, value))),
    ]),
  ];
}
