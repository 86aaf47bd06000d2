import type { Clock } from "@sluice/retry";
import type { Concurrency } from "./concurrency.ts";

/** A network and the server at its end. Bytes, milliseconds, bytes a second. */
export interface Link {
  /** Of all connections together. */
  readonly bandwidth: number;
  /** Of one connection. */
  readonly perConnection?: number | undefined;
  /** What a request takes besides its bytes: half before them, half after. */
  readonly latency: number;
  /** What the sockets take at once, so that bytes look sent that have not left. */
  readonly buffer?: number | undefined;
  /** The share of the bandwidth that each further connection costs. */
  readonly crowding?: number | undefined;
  /** More requests at once are refused. */
  readonly maxConcurrent?: number | undefined;
  /** More are refused. A second's worth may come at once. */
  readonly requestsPerSecond?: number | undefined;
  /** The share of requests that are refused by chance. */
  readonly refuses?: number | undefined;
  /** The share of the requests that take 5 s longer. */
  readonly tail?: number | undefined;
  /** What becomes of it while the upload runs. */
  readonly changes?: readonly ({ readonly at: number } & Partial<Omit<Link, "changes">>)[] | undefined;
}

/** An upload. */
export interface Job {
  readonly size: number;
  readonly partSize: number;
  readonly seed?: number | undefined;
  /** Whether bytes are seen to move, or parts alone. */
  readonly sees?: "bytes" | "parts" | undefined;
}

/** How it went. */
export interface Outcome {
  /** Milliseconds. */
  readonly time: number;
  readonly refused: number;
  /** Most parts in flight. */
  readonly peak: number;
  /** The limit over time. */
  readonly limits: readonly (readonly [time: number, limit: number])[];
}

/** A part in its place. */
interface Place {
  state: "opening" | "sending" | "replying" | "waiting";
  /** When it goes on; of no meaning while it sends. */
  until: number;
  readonly size: number;
  /** From 0 to below 1. */
  readonly luck: number;
  left: number;
  reported: number;
  attempt: number;
}

/** Milliseconds between two looks at the bytes that moved. */
const TICK = 100;

/** Numbers from 0 to below 1, the same ones for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Runs an upload in virtual time: the same link, job and seed take the same time. A refused part goes again, in its place. */
export function simulate(link: Link, job: Job, create: (clock: Clock) => Concurrency): Outcome {
  let now = 0;
  const clock: Clock = { now: () => now, setTimeout: () => undefined, clearTimeout: () => {} };
  const concurrency = create(clock);
  const random = seededRandom(job.seed ?? 1);
  // Luck belongs to the part, so that it is the same however many are in flight.
  const luck = Array.from({ length: Math.ceil(job.size / job.partSize) }, random);
  const changes = [...(link.changes ?? [])];
  const limits: [number, number][] = [];
  const places = new Set<Place>();
  let current: Link = link;
  let started = 0;
  let refused = 0;
  let peak = 0;
  let tokens = link.requestsPerSecond ?? 0;
  let tick = TICK;

  while (started < luck.length || places.size > 0) {
    while (started < luck.length && places.size < concurrency.limit) {
      const size = Math.min(job.partSize, job.size - started * job.partSize);
      const until = now + current.latency / 2;
      places.add({ state: "opening", until, size, luck: luck[started] ?? 0, left: size, reported: 0, attempt: 1 });
      started += 1;
      concurrency.started();
    }
    peak = Math.max(peak, places.size);
    if (limits.at(-1)?.[1] !== concurrency.limit) limits.push([now, concurrency.limit]);

    const sending = [...places].filter(({ state }) => state === "sending");
    const shared = current.bandwidth / (1 + (current.crowding ?? 0) * Math.max(0, sending.length - 1));
    const rate = Math.min(current.perConnection ?? Infinity, shared / sending.length) / 1000;
    let next = Math.min(tick, changes[0]?.at ?? Infinity);
    for (const { state, until, left } of places) next = Math.min(next, state === "sending" ? now + left / rate : until);
    const passed = next - now;
    now = next;
    if (now >= tick) tick += TICK;
    const { requestsPerSecond = 0 } = current;
    tokens = Math.min(requestsPerSecond, tokens + (requestsPerSecond * passed) / 1000);
    if (changes[0] && now >= changes[0].at) current = { ...current, ...changes.shift() };

    for (const place of sending) {
      place.left -= passed * rate;
      // Half a byte: what is left of rounding.
      if (place.left < 0.5) {
        place.left = 0;
        place.state = "replying";
        place.until = now + current.latency / 2 + (place.luck < (current.tail ?? 0) ? 5_000 : 0);
      }
      if (job.sees !== "parts") report(place, Math.min(place.size, place.size - place.left + (current.buffer ?? 0)));
    }
    for (const place of places) {
      if (place.state === "sending" || place.until > now) continue;
      if (place.state === "replying") {
        report(place, place.size);
        places.delete(place);
        concurrency.ended();
      } else if (place.state === "waiting") {
        place.state = "opening";
        place.until = now + current.latency / 2;
      } else if (isRefused()) {
        refused += 1;
        place.state = "waiting";
        place.until = now + random() * Math.min(30_000, 500 * 2 ** (place.attempt - 1));
        place.attempt += 1;
        concurrency.failed("throttled");
      } else place.state = "sending";
    }
  }
  return { time: now, refused, peak, limits };

  function report(place: Place, reported: number): void {
    const bytes = reported - place.reported;
    place.reported = reported;
    if (bytes > 0) concurrency.moved(bytes);
  }

  function isRefused(): boolean {
    const { maxConcurrent = Infinity, requestsPerSecond = Infinity, refuses = 0 } = current;
    let served = 0;
    for (const { state } of places) if (state === "sending" || state === "replying") served += 1;
    if (served >= maxConcurrent || (requestsPerSecond < Infinity && tokens < 1) || random() < refuses) return true;
    tokens -= 1;
    return false;
  }
}
