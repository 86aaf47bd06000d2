import type { PipelineResult } from "@sluice/oneai";
import type { Task } from "@sluice/poller";
import type { ByteSource } from "@sluice/source";
import type { Progress } from "@sluice/uploader";
import type { ProviderEntry } from "./provider-entry.ts";
import { NotSentError, WatchedSource } from "./watched-source.ts";

export const oneaiEntry: ProviderEntry = {
  name: "oneai",
  title: "OneAI",
  variable: "ONEAI_API_KEY",
  page: "https://studio.oneai.com/settings/api-keys",
  baseUrlVariable: "ONEAI_BASE_URL",
  parts: false,
  runs: "pipeline",
  options: [],
  async open({ baseUrl }) {
    const { oneai } = await import("@sluice/oneai");
    const client = oneai({ baseUrl });
    return {
      send: (input, _, { signal }) => client.send(input, { signal }),
      job: ({ steps, content, contentType, onProgress }) => ({
        async send(context) {
          const given = content();
          const update = (progress: Progress) => onProgress(given, progress);
          const watched = isSource(given) ? new WatchedSource(given) : undefined;
          const { send } = client.job(steps, watched ?? given, { contentType });
          try {
            return await send({ ...context, onProgress: update });
          } catch (error) {
            throw watched?.wasWhole === false && Object(error).status === undefined ? new NotSentError(error) : error;
          }
        },
        task: (started) => plainTask(client.task(started as { id: string })),
      }),
      task: (id) => plainTask(client.task(id)),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
};

function isSource(given: string | ByteSource | URL): given is ByteSource {
  return typeof given === "object" && "replayable" in given;
}

/** The service's own form of a result says the same again. */
function withoutRaw({ raw: _, ...result }: PipelineResult): Omit<PipelineResult, "raw"> {
  return result;
}

function plainTask(task: Task<PipelineResult>): Task<unknown> {
  return {
    ...task,
    async read(context) {
      const { result, ...snapshot } = await task.read(context);
      return { ...snapshot, ...(result !== undefined && { result: withoutRaw(result) }) };
    },
  };
}
