import { type HttpClient, HttpError, type Reply } from "@sluice/http";
import { TaskCanceledError, TaskFailedError } from "@sluice/poller";
import type { Prediction } from "./api-objects.ts";
import { EventParser, type ServerSentEvent } from "./event-parser.ts";
import type { CallOptions } from "./file-calls.ts";

/** How an output is followed. */
export interface StreamOptions extends CallOptions {
  /**
   * How long the model may say nothing, in milliseconds.
   * @default 600_000
   */
  stallTimeout?: number | undefined;
  /** Told of what the model logs. */
  onLogs?: ((text: string) => void) | undefined;
}

/**
 * The output of a prediction, piece by piece. The request goes out when the first piece is asked for; cancelling the
 * stream ends it, and leaves the prediction alone.
 *
 * @throws {TypeError} when the model has no such stream.
 */
export function outputStream(
  client: HttpClient,
  prediction: Pick<Prediction, "id" | "urls">,
  { signal, stallTimeout = 600_000, onLogs }: StreamOptions = {},
): ReadableStream<string> {
  const url = prediction?.urls?.stream;
  if (typeof url !== "string") {
    throw new TypeError('Cannot stream the output: "prediction" has no "urls.stream", so its model cannot do that');
  }
  const pieces: string[] = [];
  let ended: { error?: unknown } | undefined;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let reply: Reply | undefined;
  const decoder = new TextDecoder();
  const parser = new EventParser((event) => {
    if (ended) return;
    if (event.event === "output") pieces.push(event.data);
    else if (event.event === "logs") onLogs?.(event.data);
    else if (event.event === "error") ended = { error: failure(prediction.id, event) };
    else if (event.event === "done") ended = end(prediction.id, event);
  });
  const badReply = (reason: string, cause?: unknown) =>
    new HttpError({
      code: "bad-reply",
      method: "GET",
      url: reply?.url ?? new URL(url).origin,
      reason,
      status: reply?.status,
      requestId: reply?.requestId,
      retryable: true,
      reached: true,
      cause,
    });

  return new ReadableStream<string>(
    {
      async pull(controller) {
        if (!reader) {
          // The address is a key in itself: ours is not shown to whoever streams.
          const headers = { accept: "text/event-stream", authorization: undefined, "cache-control": "no-store" };
          const timeouts = { stall: stallTimeout };
          reply = await client.request("GET", url, { headers, idempotent: true, signal, timeouts });
          reader = reply.stream().getReader();
        }
        while (pieces.length === 0 && !ended) {
          const { done, value } = await reader.read();
          if (done) {
            ended = { error: badReply("the stream of events ended without a last one") };
          } else {
            try {
              parser.push(decoder.decode(value, { stream: true }));
            } catch (error) {
              ended = {
                error: error instanceof RangeError ? badReply(`it is not of events: ${error.message}`) : error,
              };
            }
          }
        }
        const piece = pieces.shift();
        if (piece !== undefined) return controller.enqueue(piece);
        await reader.cancel().catch(() => {});
        if (ended && "error" in ended) controller.error(ended.error);
        else controller.close();
      },
      cancel: async (reason) => {
        await reader?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The service says `{"detail": …}`; whatever it says is passed on. */
function failure(id: string, { data }: ServerSentEvent): TaskFailedError {
  let error: unknown = data;
  try {
    error = Object(JSON.parse(data)).detail ?? data;
  } catch {
    // Then it is text.
  }
  return new TaskFailedError(taskOf(id), { state: "failed", error });
}

function end(id: string, { data }: ServerSentEvent): { error?: unknown } {
  const [, reason] = /"reason"\s*:\s*"(\w+)"/.exec(data) ?? [];
  if (reason === "canceled") return { error: new TaskCanceledError(taskOf(id), { state: "canceled" }) };
  if (reason === "error")
    return { error: new TaskFailedError(taskOf(id), { state: "failed", error: "the model failed" }) };
  return {};
}

function taskOf(id: string) {
  return { id, provider: "replicate", read: async () => ({ state: "failed" as const }) };
}
