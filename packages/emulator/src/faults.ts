import { checkFaultRules, type FaultAction, type FaultRule } from "./fault-rule.ts";
import type { ProviderName, Route } from "./provider.ts";

/** A rule, with what it has met so far. */
export interface FaultState extends FaultRule {
  /** Requests that matched it, `nth` and `rate` left aside. */
  readonly seen: number;
  /** Requests that it was applied to. */
  readonly hits: number;
}

/** The faults of a running emulator. */
export interface Faults {
  /** The rules in force, in order, with their counts. */
  list(): FaultState[];
  /**
   * Puts these rules in place of all others; counts begin again.
   *
   * @throws {TypeError | RangeError} naming the rule and the member that is wrong
   */
  set(rules: readonly FaultRule[]): void;
  /** Removes all rules. */
  clear(): void;
}

interface Entry {
  readonly rule: FaultRule;
  seen: number;
  hits: number;
  /** Requests seen on each route: what `rate` draws by, so that one route's order does not depend on another's. */
  readonly perRoute: Map<string, number>;
}

/** Decides which requests fail: the first rule that matches, by its nth and its rate too, is applied. */
export class FaultRules implements Faults {
  readonly #seed: number;
  readonly #routes: ReadonlyMap<ProviderName, readonly Route[]>;
  #entries: Entry[] = [];

  constructor(seed: number, routes: ReadonlyMap<ProviderName, readonly Route[]>) {
    this.#seed = seed;
    this.#routes = routes;
  }

  list(): FaultState[] {
    return this.#entries.map(({ rule, seen, hits }) => ({ ...structuredClone(rule), seen, hits }));
  }

  set(rules: readonly FaultRule[]): void {
    const routes = [...this.#routes.values()].flat();
    checkFaultRules(rules, (pattern) => routes.some((route) => answersTo(route, pattern)));
    this.#entries = rules.map((rule) => ({ rule: structuredClone(rule), seen: 0, hits: 0, perRoute: new Map() }));
  }

  clear(): void {
    this.#entries = [];
  }

  /** What to do to this request, if anything; counts it. */
  pick(provider: ProviderName, route: Route): FaultAction | undefined {
    let picked: FaultAction | undefined;
    for (const [index, entry] of this.#entries.entries()) {
      const { match = {}, do: action } = entry.rule;
      if (match.provider !== undefined && match.provider !== provider) continue;
      if (match.method !== undefined && match.method.toUpperCase() !== route.method) continue;
      if (match.route !== undefined && !answersTo(route, match.route)) continue;
      entry.seen += 1;
      const key = `${provider}/${route.name}`;
      const nthOnRoute = (entry.perRoute.get(key) ?? 0) + 1;
      entry.perRoute.set(key, nthOnRoute);
      if (picked !== undefined) continue;
      if (match.nth !== undefined && ![match.nth].flat().includes(entry.seen)) continue;
      if (match.rate !== undefined && draw(`${this.#seed}/${index}/${key}/${nthOnRoute}`) >= match.rate) continue;
      entry.hits += 1;
      picked = action;
    }
    return picked;
  }
}

function answersTo(route: Route, pattern: string): boolean {
  if (pattern.endsWith("*")) return route.name.startsWith(pattern.slice(0, -1));
  return pattern === route.name || pattern === route.path;
}

/** A number from 0 to 1 that depends on the text alone: FNV-1a, then the finalizer of MurmurHash3. */
function draw(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
