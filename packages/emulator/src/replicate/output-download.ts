import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import { ReplicateError } from "./errors.ts";
import { outputFile } from "./outputs.ts";
import type { PredictionTable } from "./prediction-table.ts";

/** A generated file, or a range of it. Like the service's own storage it asks for no token. */
export function downloadOutput(exchange: Exchange, predictions: PredictionTable, clock: Clock): Reply {
  const { params, request } = exchange;
  const prediction = predictions.get(params["prediction_id"] ?? "");
  const name = params["name"] ?? "";
  const file = prediction && outputFile(prediction, name);
  if (prediction === undefined || file === undefined || prediction.isRemoved(clock.now())) {
    throw new ReplicateError(404, "Output not found: it was never made, or was removed after an hour");
  }
  if (prediction.at(clock.now()).status !== "succeeded")
    throw new ReplicateError(404, "Output not found: it is not made yet");
  const { size, type } = file;
  const etag = `"${prediction.details.id}-${name}"`;
  const headers = { "content-type": type, "accept-ranges": "bytes", etag };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const validator = request.headers["if-range"] ?? request.headers["if-match"];
  if (from === undefined || (validator !== undefined && validator !== etag)) {
    return { status: 200, headers, stream: { bytes: file.bytes(0, size), size } };
  }
  const start = Number(from);
  const end = Math.min(size, to === "" || to === undefined ? size : Number(to) + 1);
  if (start >= end) return { status: 416, headers: { ...headers, "content-range": `bytes */${size}` }, text: "" };
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${start}-${end - 1}/${size}` },
    stream: { bytes: file.bytes(start, end), size: end - start },
  };
}
