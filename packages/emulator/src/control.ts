import type { Clock } from "./clock.ts";
import type { FaultRule } from "./fault-rule.ts";
import type { Faults } from "./faults.ts";
import { readJsonObject } from "./json-body.ts";
import type { Api, Route } from "./provider.ts";
import type { ReceivedUploads } from "./received-uploads.ts";
import type { Reply } from "./reply.ts";
import type { RequestRecord } from "./request-log.ts";
import { RequestRefused } from "./request-refused.ts";
import type { StoredFiles } from "./stored-files.ts";

/** Where other processes reach what the handle offers in this one; no provider has such a path. */
const CONTROL_PREFIX = "/_sluice";

/** What can be asked and set from outside. */
export interface Control {
  readonly urls: Readonly<Record<string, string>>;
  readonly files: StoredFiles;
  readonly uploads: ReceivedUploads;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly requests: RequestRecord[];
}

/** Makes the API below {@link CONTROL_PREFIX}. It asks for no key, takes no faults and is not logged. */
export function controlApi(control: Control): Api {
  return {
    prefix: CONTROL_PREFIX,
    routes: routesOf(control),
    authorize: () => {},
    headers: () => ({}),
    failed(error) {
      if (error instanceof RequestRefused) return refusal(error.status, error.message);
      const misuse = error instanceof TypeError || error instanceof RangeError;
      return refusal(misuse ? 400 : 500, error instanceof Error ? error.message : String(error));
    },
    noRoute: (method, path) => refusal(404, `Nothing at ${method} ${path}`),
  };
}

function routesOf({ urls, files, uploads, faults, clock, requests }: Control): Route[] {
  return [
    route("GET", "", () => ok({ urls })),
    route("GET", "/files", () => ok(files.list())),
    route("GET", "/files/{id}", ({ params }) => orNotFound(files.get(params["id"] ?? ""))),
    route("GET", "/uploads", () => ok(uploads.list())),
    route("GET", "/uploads/{id}", ({ params }) => orNotFound(uploads.get(params["id"] ?? ""))),
    route("GET", "/requests", () => ok(requests)),
    route("DELETE", "/requests", () => {
      requests.length = 0;
      return ok(requests);
    }),
    route("GET", "/faults", () => ok(faults.list())),
    route("PUT", "/faults", async (exchange) => {
      const { rules } = await readJsonObject(exchange);
      faults.set(rules as FaultRule[]);
      return ok(faults.list());
    }),
    route("DELETE", "/faults", () => {
      faults.clear();
      return ok(faults.list());
    }),
    route("GET", "/clock", () => ok({ now: clock.now() })),
    route("POST", "/clock", async (exchange) => {
      const { advance } = await readJsonObject(exchange);
      clock.advance(advance as number);
      return ok({ now: clock.now() });
    }),
  ];
}

function route(method: string, path: string, handle: Route["handle"]): Route {
  return { name: `_sluice${path}`, method, path, handle };
}

function ok(json: unknown): Reply {
  return { status: 200, json };
}

function orNotFound(value: unknown): Reply {
  return value === undefined ? refusal(404, "There is none with this id") : ok(value);
}

function refusal(status: number, message: string): Reply {
  return { status, json: { error: message } };
}
