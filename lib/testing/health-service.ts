// grpc.health.v1.Health of a test server: it reports what the test has set.
// Source: grpc doc/health-checking.md.

import { bundledFiles } from '../schema/reflection/bundled-files.ts';
import { Registry } from '../schema/registry/registry.ts';
import type { ServerCall } from './handlers.ts';
import { rpcError } from './rpc-failure.ts';
import { ServiceTable } from './service-table.ts';

/** The health that a service reports. */
export type HealthStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING';

const STATUSES: readonly HealthStatus[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING'];

export class Health {
  /** The whole server has the empty name. */
  readonly #statuses = new Map<string, HealthStatus>([['', 'SERVING']]);
  readonly #watchers = new Set<() => void>();

  set(service: string, status: HealthStatus): void {
    if (!STATUSES.includes(status)) {
      throw new TypeError(
        `the health of a service must be one of ${STATUSES.join(', ')}, not ${String(status)}`,
      );
    }
    this.#statuses.set(service, status);
    for (const wake of [...this.#watchers]) wake();
  }

  async table(services: () => readonly string[]): Promise<ServiceTable> {
    const registry = new Registry();
    registry.add(await bundledFiles(['grpc/health/v1/health.proto']), 'the package itself');
    const table = new ServiceTable(registry);
    const statusOf = (service: string): HealthStatus | undefined =>
      this.#statuses.get(service) ?? (services().includes(service) ? 'SERVING' : undefined);
    table.use(
      {
        Check: ({ service }: { service: string }) => {
          const status = statusOf(service);
          if (status === undefined) throw rpcError('NOT_FOUND', `there is no service '${service}'`);
          return { status };
        },
        Watch: ({ service }: { service: string }, call: ServerCall) =>
          this.#watch(() => statusOf(service) ?? 'SERVICE_UNKNOWN', call.signal),
      },
      false,
    );
    return table;
  }

  async *#watch(statusOf: () => string, signal: AbortSignal): AsyncGenerator<{ status: string }> {
    let told: string | undefined;
    while (!signal.aborted) {
      const status = statusOf();
      if (status !== told) yield { status };
      told = status;
      if (status !== statusOf()) continue;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#watchers.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#watchers.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }
}
