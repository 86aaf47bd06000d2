import type { Task } from "@sluice/poller";
import { modelSteps } from "./model-steps.ts";
import { plainOutput } from "./plain-output.ts";
import type { ProviderEntry } from "./provider-entry.ts";

export const replicateEntry: ProviderEntry = {
  name: "replicate",
  title: "Replicate",
  variable: "REPLICATE_API_TOKEN",
  page: "https://replicate.com/account/api-tokens",
  baseUrlVariable: "REPLICATE_BASE_URL",
  tasksPage: "https://replicate.com/predictions",
  cancels: true,
  parts: false,
  runs: "model",
  options: [
    {
      flags: "--method <way>",
      description: "url, upload or data-uri (default: the first that fits)",
      choices: ["url", "upload", "data-uri"],
    },
  ],
  async open({ baseUrl }) {
    const { replicate } = await import("@sluice/replicate");
    const client = replicate({ baseUrl });
    const plainTask = (id: string): Task<unknown> => {
      const task = client.task(id);
      return {
        ...task,
        async read(context) {
          const snapshot = await task.read(context);
          return snapshot.state === "succeeded" ? { ...snapshot, result: plainOutput(snapshot.result) } : snapshot;
        },
      };
    };
    return {
      send: (input, { method }, { name, concurrency: _, partSize: __, ...transfer }) =>
        client.send(input, {
          ...transfer,
          filename: name,
          method: method as "url" | "upload" | "data-uri" | undefined,
        }),
      job: (request) =>
        modelSteps(
          request,
          (file, options) => client.send(file, options),
          (input, context) => client.job(request.model, { input: {} }).start(input, context),
          (started) => plainTask((started as { id: string }).id),
        ),
      task: plainTask,
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
};
