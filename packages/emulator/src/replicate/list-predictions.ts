import type { Reply } from "../reply.ts";
import { ReplicateError } from "./errors.ts";
import type { PredictionTable } from "./prediction-table.ts";

const PAGE = 100;

/** A page of predictions, newest first, by the filters in the query. */
export function listPredictions(query: URLSearchParams, predictions: PredictionTable, baseUrl: string): Reply {
  const after = dateOf(query, "created_after");
  const before = dateOf(query, "created_before");
  const source = query.get("source");
  if (source !== null && source !== "web") throw new ReplicateError(400, 'Invalid source: expected "web"');
  const cursor = query.get("cursor");
  const all = predictions.list();
  const start = cursor === null ? 0 : all.findIndex(({ details }) => details.id === decodeCursor(cursor)) + 1;
  if (cursor !== null && start === 0) throw new ReplicateError(400, "Invalid cursor");
  const rest = all.slice(start).filter(({ details: { createdAt } }) => {
    // All of them came by the API.
    return source === null && createdAt.getTime() >= after && createdAt.getTime() < before;
  });
  const page = rest.slice(0, PAGE);
  const last = page.at(-1);
  const next = new URLSearchParams(query);
  if (last !== undefined) next.set("cursor", Buffer.from(last.details.id).toString("base64url"));
  return {
    status: 200,
    json: {
      next: rest.length > page.length ? `${baseUrl}/predictions?${next}` : null,
      previous: null,
      results: page.map((prediction) => predictions.show(prediction)),
    },
  };
}

function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}

function dateOf(query: URLSearchParams, name: "created_after" | "created_before"): number {
  const text = query.get(name);
  if (text === null) return name === "created_after" ? -Infinity : Infinity;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new ReplicateError(400, `Invalid ${name}: expected an ISO 8601 date`);
  return time;
}
