import { addFiles } from "./add-files.ts";
import { plainOutput } from "./plain-output.ts";
import type { ProviderEntry } from "./provider-entry.ts";

export const replicateEntry: ProviderEntry = {
  name: "replicate",
  title: "Replicate",
  variable: "REPLICATE_API_TOKEN",
  page: "https://replicate.com/account/api-tokens",
  baseUrlVariable: "REPLICATE_BASE_URL",
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
    return {
      send: (input, { method }, { name, concurrency: _, partSize: __, ...transfer }) =>
        client.send(input, {
          ...transfer,
          filename: name,
          method: method as "url" | "upload" | "data-uri" | undefined,
        }),
      async run({ model = "", input, files, deadline, signal, onProgress, onStarted }) {
        let known = false;
        const output = await client.run(model, {
          input: addFiles(
            input,
            files.map(({ member, content }) => ({ member, value: content })),
          ),
          send: { onProgress },
          deadline,
          signal,
          onPrediction({ id }) {
            if (!known) onStarted(id);
            known = true;
          },
        });
        return plainOutput(output);
      },
      task: (id) => {
        const task = client.task(id);
        return {
          ...task,
          read: async (context) => {
            const snapshot = await task.read(context);
            return snapshot.state === "succeeded" ? { ...snapshot, result: plainOutput(snapshot.result) } : snapshot;
          },
        };
      },
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
};
