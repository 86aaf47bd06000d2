import type { Route } from "./provider.ts";

/** What a path led to: a route and its parameters, or the methods that would have been right. */
export interface Match {
  readonly route: Route | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly allowed: readonly string[];
}

/** Finds the route for a method and a path below the API's prefix. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  const allowed: string[] = [];
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params === undefined) continue;
    if (route.method === method) return { route, params, allowed };
    allowed.push(route.method);
  }
  return { route: undefined, params: {}, allowed };
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split("/");
  const given = path.split("/");
  const takesRest = template.endsWith("...}");
  if (takesRest ? given.length < wanted.length : given.length !== wanted.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const actual = given[index] as string;
    if (segment.endsWith("...}")) {
      params[segment.slice(1, -4)] = given.slice(index).map(decode).join("/");
    } else if (segment.startsWith("{")) {
      const value = decode(actual);
      if (value === "") return undefined;
      params[segment.slice(1, -1)] = value;
    } else if (segment !== actual) {
      return undefined;
    }
  }
  return params;
}

/** A segment with a broken escape stands for itself: it names nothing, and the route says so in its own words. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
