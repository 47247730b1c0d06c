// Reads one object of a service config: its members by name, each checked, with errors that say where in the config
// the fault is. The rules of ProtoJSON as far as a service config needs them; it knows no member by itself.

/** Where a config comes from decides what its unknown members mean. */
export interface ConfigReading {
  /** Unknown members are mistakes: somebody wrote them by hand, for this client. */
  readonly isStrict: boolean;
}

// google.protobuf.Duration in JSON; `.1s`, without a digit before the point, as gRFC A6 itself writes it.
const DURATION = /^(\d*)(?:\.(\d{1,9}))?s$/;
/** The longest google.protobuf.Duration, in seconds: about 10,000 years. */
const MAX_DURATION_SECONDS = 315_576_000_000;
const MAX_UINT32 = 0xffff_ffff;

export class ConfigObject {
  readonly path: string;
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #reading: ConfigReading;

  /**
   * @param path where the object stands, such as `methodConfig[0].retryPolicy`; an empty text for the whole config
   * @param names the members that it may have
   */
  constructor(value: unknown, path: string, names: readonly string[], reading: ConfigReading) {
    this.path = path;
    this.#members = objectOf(value, path === '' ? 'the service config' : path);
    this.#reading = reading;
    if (!reading.isStrict) return;
    for (const name of Object.keys(this.#members)) {
      if (!names.includes(name)) {
        throw new TypeError(
          `service config: unknown field ${this.at(name)}; ${path === '' ? 'a service config' : path} may have ${names.join(', ')}`,
        );
      }
    }
  }

  /** The path of a member. */
  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  /** A member as it stands; null is the same as none (ProtoJSON). */
  value(name: string): unknown {
    const value = Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
    return value === null ? undefined : value;
  }

  object(name: string, names: readonly string[]): ConfigObject | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : new ConfigObject(value, this.at(name), names, this.#reading);
  }

  /** A member that is a list of objects. */
  objects(name: string, names: readonly string[]): readonly ConfigObject[] {
    return this.list(name).map(
      (value, index) => new ConfigObject(value, `${this.at(name)}[${index}]`, names, this.#reading),
    );
  }

  list(name: string): readonly unknown[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.mistake(name, 'an array');
    return value;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value !== undefined && typeof value !== 'string') throw this.mistake(name, 'a string');
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value !== undefined && typeof value !== 'boolean') throw this.mistake(name, 'true or false');
    return value;
  }

  /** A uint32: a number, or its decimal digits in a text. */
  uint32(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > MAX_UINT32) {
      throw this.mistake(name, `a whole number from 0 to ${MAX_UINT32}`);
    }
    return number;
  }

  /** A number above 0. */
  positive(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !(value > 0) || value === Infinity) {
      throw this.mistake(name, 'a number above 0');
    }
    return value;
  }

  /** A google.protobuf.Duration, in milliseconds. */
  durationMs(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const [, seconds = '', fraction = ''] = (typeof value === 'string' ? DURATION.exec(value) : null) ?? [];
    if (seconds === '' && fraction === '') throw this.mistake(name, "a duration such as '1.5s'");
    const whole = Number(seconds);
    if (whole > MAX_DURATION_SECONDS) throw this.mistake(name, `at most ${MAX_DURATION_SECONDS} seconds`);
    return whole * 1000 + Number(fraction.padEnd(9, '0')) / 1_000_000;
  }

  positiveDurationMs(name: string): number | undefined {
    const ms = this.durationMs(name);
    if (ms === 0) throw this.mistake(name, 'a duration above 0');
    return ms;
  }

  /** What a member that must be there is. */
  required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw new TypeError(`service config: ${this.at(name)} is missing`);
    return value;
  }

  /** The error for a member that is not what it should be. */
  mistake(name: string, wanted: string): TypeError {
    return new TypeError(
      `service config: ${this.at(name)} must be ${wanted}, not ${shortJson(this.value(name))}`,
    );
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new TypeError(`service config: ${what} must be an object, not ${shortJson(value)}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** A value for a message, cut where it is long. */
export function shortJson(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    // A bigint or a cycle: only handwritten values, never a parsed document.
    text = String(value);
  }
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
