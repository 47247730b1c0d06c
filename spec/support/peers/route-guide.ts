// routeguide.RouteGuide as gRPC's example has it, over a few of its places. Beyond the poles is INVALID_ARGUMENT, with details.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/** In degrees times ten million, as the schema has it. */
interface Point {
  readonly latitude: number;
  readonly longitude: number;
}
interface Rectangle {
  readonly lo: Point | null;
  readonly hi: Point | null;
}
interface Feature {
  readonly name: string;
  readonly location: Point;
}
interface RouteNote {
  readonly location: Point | null;
  readonly message: string;
}
interface RouteSummary {
  readonly pointCount: number;
  readonly featureCount: number;
  /** In metres. */
  readonly distance: number;
  /** In seconds. */
  readonly elapsedTime: number;
}

const ORIGIN: Point = { latitude: 0, longitude: 0 };
const UNITS_A_DEGREE = 1e7;
const MAX_LATITUDE = 90 * UNITS_A_DEGREE;
const EARTH_RADIUS_METRES = 6_371_000;
const MILLISECONDS_A_SECOND = 1_000;
/** Between two features of a list, so that who leaves early leaves before the end. */
const SEARCH_MS = 2;

function feature(latitude: number, longitude: number, name: string): Feature {
  return { name, location: { latitude, longitude } };
}

const FEATURES: readonly Feature[] = [
  feature(407838351, -746143763, 'Patriots Path, Mendham, NJ 07945, USA'),
  feature(408122808, -743999179, '101 New Jersey 10, Whippany, NJ 07981, USA'),
  feature(413628156, -749015468, 'U.S. 6, Shohola, PA 18458, USA'),
  feature(419999544, -740371136, '5 Conners Road, Kingston, NY 12401, USA'),
  feature(414008389, -743951297, 'Mid Hudson Psychiatric Center, New Hampton, NY 10958, USA'),
  feature(419611318, -746524769, '287 Flugertown Road, Livingston Manor, NY 12758, USA'),
  feature(406109563, -742186778, '4001 Tremley Point Road, Linden, NJ 07036, USA'),
  feature(416802456, -742370183, '352 South Mountain Road, Wallkill, NY 12589, USA'),
  feature(412950425, -741077389, 'Bailey Turn Road, Harriman, NY 10926, USA'),
  feature(412144655, -743949739, '193-199 Wawayanda Road, Hewitt, NJ 07421, USA'),
  feature(415736605, -742847522, '406-496 Ward Avenue, Pine Bush, NY 12566, USA'),
  feature(413843930, -740501726, '162 Merrill Road, Highland Mills, NY 10930, USA'),
];

/** The feature at a point; one without a name where there is none. */
function featureAt(point: Point): Feature {
  const found = FEATURES.find(
    ({ location }) => location.latitude === point.latitude && location.longitude === point.longitude,
  );
  return found ?? { name: '', location: point };
}

function isWithin({ latitude, longitude }: Point, { lo, hi }: Rectangle): boolean {
  const one = lo ?? ORIGIN;
  const other = hi ?? ORIGIN;
  return (
    latitude >= Math.min(one.latitude, other.latitude) &&
    latitude <= Math.max(one.latitude, other.latitude) &&
    longitude >= Math.min(one.longitude, other.longitude) &&
    longitude <= Math.max(one.longitude, other.longitude)
  );
}

/** Great-circle distance in metres, by the haversine formula. */
function distance(from: Point, to: Point): number {
  const radians = (units: number): number => (units / UNITS_A_DEGREE / 180) * Math.PI;
  const haversine = (angle: number): number => Math.sin(angle / 2) ** 2;
  const h =
    haversine(radians(to.latitude - from.latitude)) +
    Math.cos(radians(from.latitude)) *
      Math.cos(radians(to.latitude)) *
      haversine(radians(to.longitude - from.longitude));
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(h)));
}

function summarize(route: readonly Point[], elapsedMs: number): RouteSummary {
  let metres = 0;
  for (let i = 1; i < route.length; i++) metres += distance(route[i - 1], route[i]);
  return {
    pointCount: route.length,
    featureCount: route.filter((point) => featureAt(point).name !== '').length,
    distance: Math.round(metres),
    elapsedTime: Math.floor(elapsedMs / MILLISECONDS_A_SECOND),
  };
}

function getFeature(call: ServerUnaryCall<Point, Feature>, callback: sendUnaryData<Feature>): void {
  if (Math.abs(call.request.latitude) <= MAX_LATITUDE) callback(null, featureAt(call.request));
  else callback(noSuchLatitude());
}

function noSuchLatitude() {
  const beyond = 'no latitude is beyond 90 degrees';
  const root = new protobuf.Root();
  root.resolvePath = (_, name) => join('protos', name);
  root.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto']);
  const encoded = (type: string, fields: object): Uint8Array => root.lookupType(type).encode(fields).finish();
  const value = encoded('google.rpc.BadRequest', {
    fieldViolations: [{ field: 'latitude', description: beyond }],
  });
  const details = encoded('google.rpc.Status', {
    code: status.INVALID_ARGUMENT,
    message: beyond,
    details: [{ type_url: 'type.googleapis.com/google.rpc.BadRequest', value }],
  });
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(details));
  return { code: status.INVALID_ARGUMENT, details: beyond, metadata };
}

async function listFeatures(call: ServerWritableStream<Rectangle, Feature>): Promise<void> {
  for (const found of FEATURES) {
    if (!isWithin(found.location, call.request)) continue;
    if (call.cancelled) return;
    call.write(found);
    await sleep(SEARCH_MS, undefined, { ref: false });
  }
  call.end();
}

function recordRoute(
  call: ServerReadableStream<Point, RouteSummary>,
  callback: sendUnaryData<RouteSummary>,
): void {
  const started = performance.now();
  const route: Point[] = [];
  call.on('data', (point: Point) => route.push(point));
  call.on('end', () => callback(null, summarize(route, performance.now() - started)));
}

/** The service, with a memory of its own for the notes left at each place. */
export function routeGuide(): UntypedServiceImplementation {
  const notesByPlace = new Map<string, RouteNote[]>();

  /** Answers each note with those that were left at the same place before. */
  function routeChat(call: ServerDuplexStream<RouteNote, RouteNote>): void {
    call.on('data', (note: RouteNote) => {
      const { latitude, longitude } = note.location ?? ORIGIN;
      const place = `${latitude} ${longitude}`;
      const notes = notesByPlace.get(place) ?? [];
      for (const earlier of notes) call.write(earlier);
      notesByPlace.set(place, [...notes, note]);
    });
    call.on('end', () => call.end());
  }

  return {
    GetFeature: getFeature,
    ListFeatures: listFeatures,
    RecordRoute: recordRoute,
    RouteChat: routeChat,
  };
}
