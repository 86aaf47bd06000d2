import type { ProviderEntry } from "./provider-entry.ts";

/** Up to here OpenAI gets a file in one request, of which nothing can be gone on with. */
const SMALL = 4 * 1024 * 1024;

export const openaiEntry: ProviderEntry = {
  name: "openai",
  title: "OpenAI",
  variable: "OPENAI_API_KEY",
  page: "https://platform.openai.com/api-keys",
  baseUrlVariable: "OPENAI_BASE_URL",
  parts: true,
  refusesEmpty: true,
  options: [
    {
      flags: "--purpose <name>",
      description:
        "what the files are for: assistants, batch, fine-tune, vision, user_data, evals (default: user_data)",
    },
    { flags: "--expires-after <time>", description: "when OpenAI deletes the files, 1h to 30d", duration: true },
  ],
  async open({ baseUrl }) {
    const { openai } = await import("@sluice/openai");
    const client = openai({ baseUrl });
    return {
      send(input, { purpose = "user_data", expiresAfter }, { name, type, spool, ...transfer }) {
        const size = "size" in input && typeof input.size === "number" ? input.size : undefined;
        const { journal, ...unkept } = transfer;
        return client.send(input, {
          ...(size !== undefined && size > SMALL ? { ...unkept, journal } : unkept),
          purpose: String(purpose),
          filename: name,
          mimeType: type,
          spool,
          ...(typeof expiresAfter === "number" && {
            expiresAfter: { anchor: "created_at", seconds: Math.round(expiresAfter / 1000) },
          }),
        });
      },
      // What is cancelled is known by its id; the purpose does not matter.
      targets: [client.target({ purpose: "user_data" })],
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
};
