import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import type { Route } from "../provider.ts";
import { ReplicateError } from "./errors.ts";
import { kindOf } from "./pretend-model.ts";

/** What clients look up besides: who the account is, and what a model puts out. */
export function modelRoutes(clock: Clock): Route[] {
  const created = clock.now().toISOString();
  const versionOf = ({ owner, name }: Exchange["params"], id?: string) => ({
    id: id ?? createHash("sha256").update(`${owner}/${name}`).digest("hex"),
    created_at: created,
    cog_version: "0.0.0",
    openapi_schema: schemaOf(`${owner}/${name}`),
  });
  const get = (name: string, path: string, json: (params: Exchange["params"]) => unknown): Route => ({
    name,
    method: "GET",
    path,
    handle: ({ params }) => {
      if (params["name"]?.split("-").includes("missing")) throw notFound();
      return { status: 200, json: json(params) };
    },
  });
  return [
    get("account.get", "/account", () => ({ type: "user", username: "emulator", name: "Emulator", github_url: null })),
    get("models.get", "/models/{owner}/{name}", (params) => ({
      url: `https://replicate.com/${params["owner"]}/${params["name"]}`,
      owner: params["owner"],
      name: params["name"],
      description: "A pretend model",
      visibility: "public",
      run_count: 0,
      latest_version: versionOf(params),
    })),
    get("models.versions.list", "/models/{owner}/{name}/versions", (params) => ({
      next: null,
      previous: null,
      results: [versionOf(params)],
    })),
    get("models.versions.get", "/models/{owner}/{name}/versions/{version}", (params) => {
      const { version = "" } = params;
      if (!/^[0-9a-f]{64}$/.test(version) || /^0+$/.test(version)) throw notFound();
      return versionOf(params, version);
    }),
  ];
}

function notFound(): ReplicateError {
  return new ReplicateError(404, "The requested resource could not be found.");
}

/** What some clients choose by whether an output comes piece by piece. */
function schemaOf(model: string): unknown {
  const text = { type: "array", items: { type: "string" }, "x-cog-array-type": "iterator" };
  const outputs = {
    digest: { type: "object" },
    text,
    image: { type: "array", items: { type: "string", format: "uri" } },
    file: { type: "string", format: "uri" },
  };
  const Input = { type: "object", properties: { prompt: { type: "string" } } };
  return {
    openapi: "3.0.2",
    info: { title: model, version: "0.1.0" },
    paths: {},
    components: { schemas: { Input, Output: outputs[kindOf(model) ?? "digest"] } },
  };
}
