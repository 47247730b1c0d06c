// A schema with many methods, as .proto text made when it is needed: services of a hundred methods each,
// all with bench.proto's messages.

const METHODS_A_SERVICE = 100;

/** The .proto text, and the full names of its methods. */
export function manyMethods(count: number, benchProto: string): { text: string; methods: readonly string[] } {
  const methods: string[] = [];
  const services: string[] = [];
  for (let first = 0; first < count; first += METHODS_A_SERVICE) {
    const service = `Service${first / METHODS_A_SERVICE}`;
    const rpcs: string[] = [];
    for (let i = first; i < Math.min(first + METHODS_A_SERVICE, count); i++) {
      rpcs.push(`  rpc Method${i}(SimpleRequest) returns (SimpleResponse);`);
      methods.push(`grpc.testing.${service}.Method${i}`);
    }
    services.push(`service ${service} {\n${rpcs.join('\n')}\n}`);
  }
  return { text: `${benchProto}\n${services.join('\n')}\n`, methods };
}
