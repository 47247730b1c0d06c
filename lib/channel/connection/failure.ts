// Why something could not be connected to: what was attempted apart from why it failed, so that the failures of several
// addresses can be told as one. Their text is made when a call ends with it.

/** What was attempted, the same for all addresses of a target. */
export interface Attempt {
  /** Whether it failed to connect, or connected to something that does not speak gRPC. */
  readonly verb: 'connect' | 'talk';
  /** How errors name the target. */
  readonly target: string;
  /** The proxy that it went through. */
  readonly proxy?: string | undefined;
}

export interface Failure {
  /** undefined where the reason says it itself. */
  readonly attempt?: Attempt | undefined;
  /**
   * The other end accepted the connection and closed it before it was ready, without a word of why: what a listener does
   * that is about to go, while another takes its place. How far it had come, in TLS or in its SETTINGS, does not matter.
   */
  readonly wasTurnedAway?: boolean | undefined;
  readonly reason: string;
  readonly cause: unknown;
}

/** `cannot connect to greeter:7: …` */
export function failureText({ attempt, reason }: Omit<Failure, 'cause'>): string {
  return attempt === undefined ? reason : `${attemptText(attempt)}: ${reason}`;
}

export function attemptText({ verb, target, proxy }: Attempt): string {
  return `cannot ${verb} to ${target}${proxy === undefined ? '' : ` through the proxy ${proxy}`}`;
}
