import type { PipelineResult } from "@sluice/oneai";
import type { Task } from "@sluice/poller";
import type { ProviderEntry } from "./provider-entry.ts";

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
      async run({ steps, content, contentType, deadline, signal, onProgress, onStarted }) {
        const result = await client.run(steps, content ?? "", {
          contentType,
          deadline,
          signal,
          onProgress,
          onStarted: ({ id }) => onStarted(id),
        });
        return withoutRaw(result);
      },
      task: (id) => plainTask(client.task(id)),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
};

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
