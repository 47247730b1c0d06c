// Encodes header fields to header blocks (RFC 7541). A block is encoded straight into the output when it is sent,
// never earlier, because the peer's table changes in the order of the wire. Knows no frames or streams.
//
// There are three kinds of fields: those of a RequestHead recur and enter the table; its :path does so when the method
// is called often enough for the entry to pay off; per-call fields never do, and sensitive ones say so on the wire.

import type { FieldList, RequestHead } from '../handlers.ts';
import { ENTRY_OVERHEAD_OCTETS } from './decoding-table.ts';
import { EncodingTable } from './encoding-table.ts';
import {
  encodeInserted,
  encodeInteger,
  encodePerCall,
  encodeUnindexed,
  INDEXED,
  INDEXED_MAX,
  MAX_INTEGER_OCTETS,
  MAX_LITERAL_OVERHEAD,
  NEVER_INDEXED,
  SIZE_UPDATE,
  SIZE_UPDATE_MAX,
  WITHOUT_INDEXING,
} from './literal.ts';
import { staticFieldIndex } from './static-table.ts';

/** An attacker who can add fields must not be able to guess the values of these octet by octet (§7.1). */
const SENSITIVE: readonly string[] = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie'];

/** Two size updates may begin a block. */
const MAX_SIZE_UPDATE_OCTETS = 2 * MAX_INTEGER_OCTETS;

/** The share of the table that paths may take: the rest is for the fields that all methods have in common. */
const PATH_SHARE = 0.75;

/** What the encoder keeps for each RequestHead. */
interface HeadForm {
  readonly fields: FieldList;
  /** The static index of each field, or 0. */
  readonly staticIndices: readonly number[];
  /** Each field's order of insertion when it was last in the table. */
  readonly orders: number[];
  /** Where :path is in `fields`, counted in fields. */
  readonly pathAt: number;
  /** No encoded form is longer. */
  readonly bound: number;
  /** The size of `fields` as a list (RFC 9113 §6.5.2). */
  readonly listOctets: number;
  /** The encoded form, valid as long as the table has the generation below. */
  octets: Uint8Array;
  generation: number;
  /** Whether that form takes :path from the table. */
  indexesPath: boolean;
  /** The encoder's clock at the last use. */
  usedAt: number;
}

export class HeaderEncoder {
  readonly #table: EncodingTable;
  readonly #sensitive: ReadonlySet<string>;
  /** Weak, because some heads are made for one call and a connection lives long. */
  readonly #forms = new WeakMap<RequestHead, HeadForm>();
  #lastHead: RequestHead | undefined;
  #lastForm: HeadForm | undefined;
  /** Request heads encoded so far. */
  #clock = 0;

  constructor(initialTableOctets: number, maxTableOctets: number, neverIndexed: readonly string[]) {
    this.#table = new EncodingTable(initialTableOctets, maxTableOctets);
    this.#sensitive = new Set([...SENSITIVE, ...neverIndexed]);
  }

  get tableOctets(): number {
    return this.#table.octets;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  setPeerTableOctets(octets: number): void {
    this.#table.setPeerLimit(octets);
  }

  /** The most octets that `encodeRequest` would write. */
  requestBound(head: RequestHead, callFields: FieldList | undefined): number {
    const bound = MAX_SIZE_UPDATE_OCTETS + this.#form(head).bound;
    return callFields === undefined ? bound : bound + fieldsBound(callFields);
  }

  /** The size of a request's header list, decoded (RFC 9113 §6.5.2). */
  requestListOctets(head: RequestHead, callFields: FieldList | undefined): number {
    const octets = this.#form(head).listOctets;
    return callFields === undefined ? octets : octets + listOctets(callFields);
  }

  /** Writes a request's block at `at`; returns the position after it. */
  encodeRequest(head: RequestHead, callFields: FieldList | undefined, out: Uint8Array, at: number): number {
    const form = this.#form(head);
    if (this.#table.sizeUpdateDue) at = this.#encodeSizeUpdates(out, at);
    const indexesPath = this.#indexesPath(head, form);
    if (form.generation === this.#table.generation && form.indexesPath === indexesPath) {
      const { octets } = form;
      for (let i = 0; i < octets.length; i++) out[at++] = octets[i];
    } else {
      at = this.#encodeHead(form, indexesPath, out, at);
    }
    if (callFields === undefined) return at;
    for (let i = 0; i < callFields.length; i += 2) {
      const first = this.#sensitive.has(callFields[i]) ? NEVER_INDEXED : WITHOUT_INDEXING;
      at = encodePerCall(callFields[i], callFields[i + 1], first, out, at);
    }
    return at;
  }

  /** The most octets that `encodeFields` would write. */
  fieldsBound(fields: FieldList): number {
    return MAX_SIZE_UPDATE_OCTETS + fieldsBound(fields);
  }

  /** Writes any list of fields (a response's), all of them indexed except sensitive ones. */
  encodeFields(fields: FieldList, out: Uint8Array, at: number): number {
    if (this.#table.sizeUpdateDue) at = this.#encodeSizeUpdates(out, at);
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i];
      const value = fields[i + 1];
      const index = staticFieldIndex(name, value);
      if (index !== 0) at = encodeInteger(index, INDEXED, INDEXED_MAX, out, at);
      else if (this.#sensitive.has(name)) at = encodeUnindexed(name, value, NEVER_INDEXED, out, at);
      else at = this.#encodeRecurring(name, value, this.#table.orderOf(name, value), out, at);
    }
    return at;
  }

  #form(head: RequestHead): HeadForm {
    if (head === this.#lastHead && this.#lastForm !== undefined) return this.#lastForm;
    let form = this.#forms.get(head);
    if (form === undefined) {
      form = newForm(head);
      this.#forms.set(head, form);
    }
    this.#lastHead = head;
    this.#lastForm = form;
    return form;
  }

  /**
   * A path enters the table on its second use, if that comes soon enough. When more methods than the table
   * can hold are called in rotation, each insertion would evict a path before its next use, and the common
   * fields with it. Paths then stay literals, which costs a few octets and no time.
   */
  #indexesPath(head: RequestHead, form: HeadForm): boolean {
    const sinceUse = ++this.#clock - form.usedAt;
    const isFirstUse = form.usedAt === 0;
    form.usedAt = this.#clock;
    if (this.#table.holds(form.orders[form.pathAt])) return true;
    if (isFirstUse) return false;
    const entryOctets = ':path'.length + head.path.length + ENTRY_OVERHEAD_OCTETS;
    return sinceUse * entryOctets <= this.#table.maxOctets * PATH_SHARE;
  }

  #encodeHead(form: HeadForm, indexesPath: boolean, out: Uint8Array, at: number): number {
    const start = at;
    const generation = this.#table.generation;
    const { fields, staticIndices, orders } = form;
    for (let i = 0; i < orders.length; i++) {
      const name = fields[2 * i];
      const value = fields[2 * i + 1];
      if (staticIndices[i] !== 0) {
        at = encodeInteger(staticIndices[i], INDEXED, INDEXED_MAX, out, at);
      } else if (i === form.pathAt && !indexesPath) {
        at = encodeUnindexed(name, value, WITHOUT_INDEXING, out, at);
      } else {
        if (!this.#table.holds(orders[i])) orders[i] = this.#table.orderOf(name, value);
        if (orders[i] === 0) {
          at = this.#encodeRecurring(name, value, 0, out, at);
          orders[i] = this.#table.orderOf(name, value);
        } else {
          at = encodeInteger(this.#table.index(orders[i]), INDEXED, INDEXED_MAX, out, at);
        }
      }
    }
    form.indexesPath = indexesPath;
    // A form that changed the table cannot be sent a second time.
    form.generation = this.#table.generation === generation ? generation : -1;
    if (form.generation !== -1) form.octets = out.slice(start, at);
    return at;
  }

  /** A field worth a place in the table; `order` is its order of insertion, or 0 when it is not there. */
  #encodeRecurring(name: string, value: string, order: number, out: Uint8Array, at: number): number {
    if (order !== 0) return encodeInteger(this.#table.index(order), INDEXED, INDEXED_MAX, out, at);
    if (!this.#table.accepts(name, value)) return encodeUnindexed(name, value, WITHOUT_INDEXING, out, at);
    this.#table.insert(name, value);
    return encodeInserted(name, value, out, at);
  }

  #encodeSizeUpdates(out: Uint8Array, at: number): number {
    for (const octets of this.#table.takeSizeUpdates()) {
      at = encodeInteger(octets, SIZE_UPDATE, SIZE_UPDATE_MAX, out, at);
    }
    return at;
  }
}

function fieldsBound(fields: FieldList): number {
  let octets = 0;
  for (let i = 0; i < fields.length; i += 2) {
    octets += fields[i].length + fields[i + 1].length + MAX_LITERAL_OVERHEAD;
  }
  return octets;
}

function listOctets(fields: FieldList): number {
  let octets = 0;
  for (let i = 0; i < fields.length; i += 2) {
    octets += fields[i].length + fields[i + 1].length + ENTRY_OVERHEAD_OCTETS;
  }
  return octets;
}

function newForm(head: RequestHead): HeadForm {
  const fields = [':method', head.method ?? 'POST', ':scheme', head.scheme, ':path', head.path];
  if (head.authority !== '') fields.push(':authority', head.authority);
  fields.push(...head.fields);
  const count = fields.length / 2;
  const staticIndices: number[] = [];
  for (let i = 0; i < count; i++) staticIndices.push(staticFieldIndex(fields[2 * i], fields[2 * i + 1]));
  return {
    fields,
    staticIndices,
    orders: new Array<number>(count).fill(0),
    pathAt: 2,
    bound: fieldsBound(fields),
    listOctets: listOctets(fields),
    octets: new Uint8Array(0),
    generation: -1,
    indexesPath: false,
    usedAt: 0,
  };
}
