import { once } from "node:events";
import type { Remote } from "./polled-page.ts";

type Send = <Result>(method: string, params: object) => Promise<Result>;
type Evaluated = { result: { value: string; sharedId: string }; exceptionDetails?: { text: string } };

/** A browser by WebDriver BiDi, the W3C's: the few of its commands that are needed, and none of its events. */
export interface BidiBrowser extends AsyncDisposable {
  readonly version: string;
  openPage(): Promise<Remote>;
}

/**
 * Opens a browser's one session.
 *
 * @param address where it listens
 */
export async function bidiBrowser(address: string): Promise<BidiBrowser> {
  const socket = new WebSocket(`${address}/session`);
  await once(socket, "open");
  const waiting = new Map<number, { resolve(result: never): void; reject(error: Error): void }>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error, message } = JSON.parse(data);
    const settle = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) settle?.resolve(result as never);
    else settle?.reject(new Error(`WebDriver BiDi: ${error}: ${message}`));
  });
  socket.addEventListener("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("WebDriver BiDi: the browser is gone"));
  });
  let count = 0;
  const send: Send = (method, params) => {
    count += 1;
    const answer = Promise.withResolvers<never>();
    waiting.set(count, answer);
    socket.send(JSON.stringify({ id: count, method, params }));
    return answer.promise;
  };
  const { capabilities } = await send<{ capabilities: { browserVersion: string } }>("session.new", {
    capabilities: {},
  });
  return {
    version: capabilities.browserVersion,
    openPage: () => openPage(send),
    [Symbol.asyncDispose]: () => send("browser.close", {}),
  };
}

async function openPage(send: Send): Promise<Remote> {
  const newTab = () => send<{ context: string }>("browsingContext.create", { type: "tab" });
  let { context } = await newTab();
  const evaluate = async (expression: string): Promise<Evaluated["result"]> => {
    const { result, exceptionDetails } = await send<Evaluated>("script.evaluate", {
      expression,
      target: { context },
      awaitPromise: false,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result;
  };
  return {
    async open(url) {
      // A tab that has just been made may be gone when its first page moves it to another process: one in some forty was.
      for (let attempt = 1; ; attempt += 1) {
        try {
          await send("browsingContext.navigate", { context, url, wait: "complete" });
          await evaluate("0");
          return;
        } catch (error) {
          if (attempt === 3 || !String(error).includes("no such frame")) throw error;
          ({ context } = await newTab());
        }
      }
    },
    reload: () => send("browsingContext.reload", { context, wait: "complete" }),
    read: async (expression) => (await evaluate(expression)).value,
    async pick(path) {
      const { sharedId } = await evaluate('document.querySelector("input")');
      await send("input.setFiles", { context, element: { sharedId }, files: [path] });
    },
    [Symbol.asyncDispose]: () => send("browsingContext.close", { context }),
  };
}
