// Whether a target is the same server from inside of a cluster. What cannot be, is refused; nothing is looked up.

import { UsageError } from '../../command/failure.ts';
import { type ServerTarget, targetHost } from '../../command/target.ts';

const INSTEAD = "give the server's name in the cluster, such as greeter.default.svc.cluster.local:50051";

/** Throws a UsageError for a target that is another one, or none, for a pod. */
export function checkClusterTarget(word: string, target: ServerTarget): void {
  if (/^unix(?:-abstract)?:/i.test(word)) {
    throw new UsageError(`${word} is a socket of this machine, which no pod has; ${INSTEAD}`);
  }
  if (target.isLocal) {
    throw new UsageError(`${word} is this machine, and in a pod it is the pod itself; ${INSTEAD}`);
  }
  const host = targetHost(target.text).replace(/\.$/, '').toLowerCase();
  // Docker's and Podman's names of the machine that they run on, and names that are asked for by multicast.
  if (/^host\.(?:docker|containers)\.internal$/.test(host)) {
    throw new UsageError(`${host} is this machine for its containers, which a pod is not; ${INSTEAD}`);
  }
  if (host.endsWith('.local') && !/\.svc\.[\w.-]+\.local$/.test(host)) {
    throw new UsageError(
      `${host} is a name of this machine's network (mDNS), which pods do not ask; ${INSTEAD}`,
    );
  }
}
