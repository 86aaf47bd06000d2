import type { Clock } from "../clock.ts";
import type { Pulse } from "../pulse.ts";
import { isOver, type Moment, type Prediction } from "./prediction.ts";

/** The output of a prediction as server-sent events, each piece when it is there; the last one is `done`. */
export async function* eventStream(
  prediction: Prediction,
  clock: Clock,
  pulse: Pulse,
  gone: AbortSignal,
): AsyncGenerator<Buffer> {
  let sent = 0;
  let count = 0;
  const event = (name: string, data: string) => {
    const time = Math.floor(clock.now().getTime() / 1000);
    // A line break in the data begins another line of it; a space at its beginning belongs to it.
    const lines = data.split("\n").map((line) => `data: ${line}\n`);
    count += 1;
    return Buffer.from(`event: ${name}\nid: ${time}:${count - 1}\n${lines.join("")}\n`);
  };
  for (;;) {
    const moment = prediction.at(clock.now());
    const pieces = piecesOf(moment);
    for (; sent < pieces.length; sent += 1) {
      const piece = pieces[sent] as string;
      if (piece !== "") yield event("output", piece);
    }
    if (isOver(moment.status)) {
      if (moment.status === "failed") yield event("error", JSON.stringify({ detail: moment.error }));
      yield event("done", JSON.stringify(reasonOf(moment)));
      return;
    }
    const seen = sent;
    await pulse.until(() => {
      const now = prediction.at(clock.now());
      return isOver(now.status) || piecesOf(now).length > seen;
    }, gone);
    if (gone.aborted || pulse.closed.aborted) return;
  }
}

/** Texts one by one; of models that make files, their addresses. */
function piecesOf({ output }: Moment): readonly string[] {
  if (output === undefined || output === null) return [];
  return (Array.isArray(output) ? output : [output]).map((piece) =>
    typeof piece === "string" ? piece : JSON.stringify(piece),
  );
}

function reasonOf({ status }: Moment): { reason?: string } {
  if (status === "succeeded") return {};
  return { reason: status === "failed" ? "error" : "canceled" };
}
