// The messages of the codec's benchmark: small ones, a rich one with every kind of field, and large ones of many
// equal parts, as plain objects. Knows nothing of the libraries that write and read them.

export type Fields = Record<string, unknown>;

export interface Subject {
  readonly name: string;
  readonly type: string;
  readonly fields: Fields;
  /** The peers' values alias the input: they are given a copy, as memory that is read into again needs. */
  readonly copiesForPeers?: boolean;
}

const address = (i: number): Fields => ({
  street: `${i} Long Street`,
  city: 'Oslo',
  country: 'Norway',
  zip: 1000 + i,
});

const item = (i: number): Fields => ({
  sku: `sku-${i}`,
  title: `The title of item number ${i}`,
  price: i + 0.5,
  quantity: i % 7,
  kind: 1 + (i % 2),
  tags: ['new', 'sale'],
  weight: 1.5,
  taxed: i % 2 === 0,
});

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

export const SUBJECTS: readonly Subject[] = [
  { name: 'small', type: 'Small', fields: { payload: { body: Buffer.alloc(10, 7) } } },
  { name: 'small text', type: 'Address', fields: address(7) },
  {
    name: 'rich',
    type: 'Rich',
    fields: {
      id: 1234567890123,
      customer: 'Zoë Ångström',
      address: address(1),
      items: times(5, item),
      labels: { env: 'prod', tier: 'gold', region: 'eu-north-1' },
      places: { 1: address(2), 2: address(3) },
      voucher: { type: 1, body: Buffer.alloc(32, 3) },
      scores: [1, 22, 333, 4444, 55555],
      samples: [0.5, 1.5, 2.25],
      checksum: 1234567890123,
      balance: -123456789,
      signature: Buffer.alloc(64, 9),
      note: 'leave it with the neighbours',
      kind: 2,
      created: 1700000000000,
      kinds: [1, 2, 1],
    },
  },
  { name: 'large: 1,000 items', type: 'ItemList', fields: { items: times(1000, item) } },
  {
    name: 'large: 20,000 numbers',
    type: 'Numbers',
    fields: {
      integers: times(10_000, (i) => (i * 7919) % 100_000),
      doubles: times(5000, (i) => i * 1.1),
      longs: times(5000, (i) => (i - 2500) * 1_000_003),
    },
  },
  {
    name: 'large: 1,000 labels',
    type: 'Labels',
    fields: { labels: Object.fromEntries(times(1000, (i) => [`label-${i}`, `value ${i}`])) },
  },
  {
    name: 'large: 1 MiB of bytes',
    type: 'Payload',
    fields: { body: Buffer.alloc(1024 * 1024, 1) },
    copiesForPeers: true,
  },
];
