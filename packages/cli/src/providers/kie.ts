import type { KieJob } from "@sluice/kie";
import { modelSteps } from "./model-steps.ts";
import type { ProviderEntry } from "./provider-entry.ts";

export const kieEntry: ProviderEntry = {
  name: "kie",
  title: "kie.ai",
  variable: "KIE_API_KEY",
  page: "https://kie.ai/api-key",
  baseUrlVariable: "KIE_API_BASE_URL",
  tasksPage: "https://kie.ai/logs",
  parts: false,
  runs: "model",
  options: [
    {
      flags: "--method <way>",
      description: "url, base64 or stream (default: the first that fits)",
      choices: ["url", "base64", "stream"],
    },
    { flags: "--upload-path <folder>", description: "where kie.ai keeps the files (default: uploads)" },
    { flags: "--file-name <name>", description: "what kie.ai calls the file, overwriting what has that name" },
  ],
  async open({ baseUrl }) {
    const { kie } = await import("@sluice/kie");
    const client = kie({ baseUrl });
    return {
      send: (input, { method, uploadPath, fileName }, { name: _, concurrency: __, partSize: ___, ...transfer }) =>
        client.send(input, {
          ...transfer,
          method: method as "url" | "base64" | "stream" | undefined,
          ...(uploadPath !== undefined && { uploadPath: String(uploadPath) }),
          ...(fileName !== undefined && { fileName: String(fileName) }),
        }),
      job: (request) =>
        modelSteps(
          request,
          (file, options) => client.send(file, options),
          (input, context) => client.job(request.model, {}).start(input, context),
          (started) => client.task(started as KieJob),
        ),
      task: (id) => client.task(id),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
};
