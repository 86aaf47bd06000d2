import type { Remote } from "./polled-page.ts";

/**
 * A page by WebDriver, the W3C's: the few of its commands that are needed.
 *
 * @param driver the address of the driver
 */
export async function webDriverPage(driver: string, capabilities: object): Promise<Remote> {
  const { sessionId } = await command<{ sessionId: string }>("POST", `${driver}/session`, {
    capabilities: { alwaysMatch: capabilities },
  });
  const base = `${driver}/session/${sessionId}`;
  return {
    open: (url) => command("POST", `${base}/url`, { url }),
    reload: () => command("POST", `${base}/refresh`, {}),
    read: (expression) => command("POST", `${base}/execute/sync`, { script: `return ${expression}`, args: [] }),
    async pick(path) {
      const selector = { using: "css selector", value: "input" };
      const element = await command<Record<string, string>>("POST", `${base}/element`, selector);
      await command("POST", `${base}/element/${Object.values(element)[0]}/value`, { text: path });
    },
    [Symbol.asyncDispose]: () => command("DELETE", base),
  };
}

async function command<Value>(method: string, url: string, body?: object): Promise<Value> {
  const reply = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await reply.json()) as { value: Value & { error?: string; message?: string } };
  if (!reply.ok) throw new Error(`WebDriver: ${value.error}: ${value.message}`);
  return value;
}
