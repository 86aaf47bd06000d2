import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import type { Route } from "../provider.ts";
import type { Pulse } from "../pulse.ts";
import type { Reply } from "../reply.ts";
import { ReplicateError } from "./errors.ts";
import { eventStream } from "./event-stream.ts";
import type { FileTable } from "./file-table.ts";
import { newCapability, newPredictionId } from "./ids.ts";
import { echoOf, readInputFiles } from "./input-files.ts";
import { listPredictions } from "./list-predictions.ts";
import { downloadOutput } from "./output-download.ts";
import { imageDataUri, outputOf } from "./outputs.ts";
import { isOver, Prediction } from "./prediction.ts";
import { type Addressed, type PredictionRequest, readPredictionRequest } from "./prediction-request.ts";
import type { PredictionTable } from "./prediction-table.ts";
import { type Pace, scriptOf } from "./pretend-model.ts";
import { followWithWebhook } from "./webhooks.ts";

export interface PredictionServices {
  readonly predictions: PredictionTable;
  readonly files: FileTable;
  readonly bytes: ByteStore;
  readonly clock: Clock;
  readonly pulse: Pulse;
  readonly pace: Pace;
  readonly webhookSecret: string;
  readonly prefix: string;
  readonly baseUrl: (exchange: Exchange) => string;
}

/** The routes under `/predictions`, those that create some elsewhere, and where their outputs are read. */
export function predictionRoutes(services: PredictionServices): Route[] {
  const { predictions, clock, pulse, baseUrl } = services;
  const show = (exchange: Exchange): Reply => ({ status: 200, json: predictions.show(find(exchange, predictions)) });
  const creating = (path: string, addressed: (params: Exchange["params"]) => Addressed | undefined): Route => ({
    name: "predictions.create",
    method: "POST",
    path,
    handle: (exchange) => create(exchange, addressed(exchange.params), services),
  });
  const nameOf = ({ owner, name }: Exchange["params"]) => `${owner}/${name}`;
  return [
    creating("/predictions", () => undefined),
    creating("/models/{owner}/{name}/predictions", (params) => ({ name: nameOf(params), isDeployment: false })),
    creating("/deployments/{owner}/{name}/predictions", (params) => ({ name: nameOf(params), isDeployment: true })),
    {
      name: "predictions.list",
      method: "GET",
      path: "/predictions",
      handle: (exchange) => listPredictions(exchange.url.searchParams, predictions, baseUrl(exchange)),
    },
    { name: "predictions.get", method: "GET", path: "/predictions/{prediction_id}", handle: show },
    {
      name: "predictions.cancel",
      method: "POST",
      path: "/predictions/{prediction_id}/cancel",
      handle: (exchange) => {
        find(exchange, predictions).cancel(clock.now());
        return show(exchange);
      },
    },
    {
      name: "predictions.stream",
      method: "GET",
      path: "/streams/{stream}",
      handle: ({ params, gone }) => {
        const prediction = predictions.byStream(params["stream"] ?? "");
        if (prediction === undefined) throw new ReplicateError(404, "Prediction not found");
        return {
          status: 200,
          headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
          stream: { bytes: eventStream(prediction, clock, pulse, gone) },
        };
      },
    },
    {
      name: "outputs.content",
      method: "GET",
      path: "/outputs/{prediction_id}/{name}",
      handle: (exchange) => downloadOutput(exchange, predictions, clock),
    },
  ];
}

async function create(
  exchange: Exchange,
  addressed: Addressed | undefined,
  services: PredictionServices,
): Promise<Reply> {
  const { predictions, bytes, clock, pace, baseUrl } = services;
  const request = await readPredictionRequest(exchange, bytes, addressed);
  const { input, model, wait, ...rest } = request;
  const script = scriptOf(model, input, pace);
  const prediction = new Prediction({
    ...rest,
    id: newPredictionId(),
    model,
    script,
    input: echoOf(input),
    createdAt: clock.now(),
    baseUrl: baseUrl(exchange),
    stream: script.kind === "digest" ? undefined : newCapability(),
  });
  predictions.add(prediction);
  runModel(prediction, input, services);
  if (wait === undefined) return { status: 201, json: created(predictions.show(prediction)) };
  return answerAfterWait(exchange, prediction, wait, services);
}

/** Has the model look at its files; nobody waits for that. */
function runModel(prediction: Prediction, input: PredictionRequest["input"], services: PredictionServices): void {
  const { files, bytes, clock, pulse, predictions, webhookSecret, prefix } = services;
  const { script, id, baseUrl } = prediction.details;
  const origins = new Set([new URL(baseUrl).origin]);
  const urlOf = (name: string) => `${baseUrl}/outputs/${id}/${name}`;
  readInputFiles(input, { files, bytes, origins, prefix, signal: pulse.closed })
    .then((seen) => outputOf(script, input, seen, urlOf))
    .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
    .then((outcome) => prediction.settle(outcome, clock.now()));
  const show = (shown: Prediction) => predictions.show(shown);
  followWithWebhook(prediction, { clock, pulse, secret: webhookSecret, show }).catch(() => {
    // Nobody is told of a delivery that failed, as with the service.
  });
}

async function answerAfterWait(
  exchange: Exchange,
  prediction: Prediction,
  { time, applied }: { time: number; applied: string },
  { predictions, clock, pulse }: PredictionServices,
): Promise<Reply> {
  const { script, createdAt } = prediction.details;
  // By whichever clock is faster: one that stands still must not hold the client for ever.
  const realLimit = AbortSignal.timeout(time);
  const answerable = () => {
    const now = clock.now();
    const { status, output } = prediction.at(now);
    if (isOver(status) || now.getTime() - createdAt.getTime() >= time) return true;
    if (script.answer === "complete" || status !== "processing") return false;
    return script.answer === "empty" || output !== undefined;
  };
  await pulse.until(answerable, realLimit, exchange.gone);
  const { status } = prediction.at(clock.now());
  const complete = isOver(status) || (script.answer === "early" && status === "processing");
  const json = predictions.show(prediction);
  // As recorded: a model that makes images is answered with the images themselves.
  if (script.kind === "image" && status === "succeeded") json["output"] = Array(script.count).fill(imageDataUri());
  return {
    status: complete ? 201 : 202,
    headers: {
      "preference-applied": applied,
      ...(isOver(status) ? {} : { location: `${prediction.details.baseUrl}/predictions/${prediction.details.id}` }),
    },
    json,
  };
}

/** What has just been created is shown with less, as recorded. */
function created({
  data_removed: _,
  source: _source,
  urls,
  ...shown
}: Record<string, unknown>): Record<string, unknown> {
  const { web: _web, ...rest } = urls as Record<string, unknown>;
  return { ...shown, urls: rest };
}

function find({ params }: Exchange, predictions: PredictionTable): Prediction {
  const prediction = predictions.get(params["prediction_id"] ?? "");
  if (prediction === undefined) throw new ReplicateError(404, "The requested resource could not be found.");
  return prediction;
}
