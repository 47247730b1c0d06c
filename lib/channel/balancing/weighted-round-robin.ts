// weighted_round_robin: calls go to the addresses in turn, more often to those that say they do more for their load.
// Weights come from the load reports in the trailers of calls; an address without a weight gets the mean of the others.
// Source: gRFC A58.

import type { StreamRequest } from '../../rpc/transport.ts';
import type { Clock } from '../../values/clock.ts';
import type { Subchannel } from '../connection/subchannel.ts';
import { type LoadReport, ReportedRequest } from './load-report.ts';
import type { Strategy } from './ready-addresses.ts';

export interface WeightedRoundRobinConfig {
  readonly name: 'weighted_round_robin';
  /** How long an address must report before its weight counts. */
  readonly blackoutPeriodMs: number;
  /** A weight that was not renewed for this long no longer counts. */
  readonly weightExpirationPeriodMs: number;
  /** How often the weights are put in force. */
  readonly weightUpdatePeriodMs: number;
  /** How much errors count as load: utilization + this * eps / rps. */
  readonly errorUtilizationPenalty: number;
}

/** The weight of one address. */
export class EndpointWeight {
  readonly #config: WeightedRoundRobinConfig;
  #weight = 0;
  #sinceMs = Infinity;
  #updatedMs = -Infinity;

  constructor(config: WeightedRoundRobinConfig) {
    this.#config = config;
  }

  onReport(report: LoadReport, nowMs: number): void {
    let utilization =
      report.applicationUtilization > 0 ? report.applicationUtilization : report.cpuUtilization;
    if (utilization === 0 || report.rps === 0) return;
    utilization += (report.eps / report.rps) * this.#config.errorUtilizationPenalty;
    this.#weight = report.rps / utilization;
    if (this.#sinceMs === Infinity) this.#sinceMs = nowMs;
    this.#updatedMs = nowMs;
  }

  /** 0 where it does not count: none was reported, or not for long enough, or not recently. */
  at(nowMs: number): number {
    if (nowMs - this.#updatedMs >= this.#config.weightExpirationPeriodMs) {
      // When reports come again, they are to be for a while first.
      this.#sinceMs = Infinity;
      return 0;
    }
    const { blackoutPeriodMs } = this.#config;
    return blackoutPeriodMs > 0 && nowMs - this.#sinceMs < blackoutPeriodMs ? 0 : this.#weight;
  }

  /** The connection was lost: another process may answer at the address. */
  restart(): void {
    this.#sinceMs = Infinity;
  }
}

const MAX_SCALED_WEIGHT = 0xffff;

/** Chooses indexes so often as their weights say, evenly spread, with no memory but a counter. */
export class StrideScheduler {
  readonly #weights: readonly number[];
  #sequence: number;

  /** undefined where weights make no difference: fewer than two are above 0. */
  static of(weights: readonly number[], sequence: number): StrideScheduler | undefined {
    const known = weights.filter((weight) => weight > 0);
    if (known.length < 2) return undefined;
    const mean = known.reduce((sum, weight) => sum + weight, 0) / known.length;
    const filled = weights.map((weight) => (weight > 0 ? weight : mean));
    const scale = MAX_SCALED_WEIGHT / Math.max(...filled);
    return new StrideScheduler(
      filled.map((weight) => Math.max(Math.round(weight * scale), 1)),
      sequence,
    );
  }

  private constructor(weights: readonly number[], sequence: number) {
    this.#weights = weights;
    this.#sequence = sequence;
  }

  next(): number {
    const weights = this.#weights;
    const count = weights.length;
    for (;;) {
      const sequence = this.#sequence++;
      const index = sequence % count;
      const generation = Math.floor(sequence / count);
      // Half a stride apart, or all would skip their turn in the same round.
      const offset = Math.floor((MAX_SCALED_WEIGHT / 2) * index);
      const at = (weights[index] * generation + offset) % MAX_SCALED_WEIGHT;
      if (at >= MAX_SCALED_WEIGHT - weights[index]) return index;
    }
  }
}

export class WeightedRoundRobin implements Strategy {
  readonly #config: WeightedRoundRobinConfig;
  readonly #clock: Clock;
  readonly #weights = new Map<Subchannel, EndpointWeight>();
  #ready: readonly Subchannel[] = [];
  #scheduler: StrideScheduler | undefined;
  #scheduledMs = -Infinity;
  #next: number;

  constructor(config: WeightedRoundRobinConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    this.#next = Math.floor(clock.random() * 1024);
  }

  update(ready: readonly Subchannel[]): void {
    this.#ready = ready;
    const isReady = new Set(ready);
    for (const [subchannel, weight] of this.#weights) {
      if (subchannel.isRetired) this.#weights.delete(subchannel);
      else if (!isReady.has(subchannel)) weight.restart();
    }
    this.#schedule(this.#clock.now());
  }

  choose(): number {
    const nowMs = this.#clock.now();
    if (nowMs - this.#scheduledMs >= this.#config.weightUpdatePeriodMs) this.#schedule(nowMs);
    this.#next++;
    return this.#scheduler === undefined ? this.#next % this.#ready.length : this.#scheduler.next();
  }

  watch(request: StreamRequest, subchannel: Subchannel): StreamRequest {
    let weight = this.#weights.get(subchannel);
    if (weight === undefined) {
      weight = new EndpointWeight(this.#config);
      this.#weights.set(subchannel, weight);
    }
    const known = weight;
    return new ReportedRequest(request, (report) => known.onReport(report, this.#clock.now()));
  }

  #schedule(nowMs: number): void {
    this.#scheduledMs = nowMs;
    const weights = this.#ready.map((subchannel) => this.#weights.get(subchannel)?.at(nowMs) ?? 0);
    this.#scheduler = StrideScheduler.of(weights, this.#next);
  }
}
