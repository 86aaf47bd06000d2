import { setTimeout as delay } from "node:timers/promises";
import { PAGE_TIMEOUT, type Page } from "./run-in-page.ts";

/** How often a page is asked what it has to tell. */
const INTERVAL = 100;

/** The little that a protocol must offer for a page to be driven by it. */
export interface Remote extends AsyncDisposable {
  open(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Gives the page's input a file. */
  pick(path: string): Promise<void>;
  /** The value of an expression, which is JSON. */
  read(expression: string): Promise<string>;
}

/** A page whose driver is told nothing, but may ask. */
export function polledPage(remote: Remote, pid: number, tell: (message: string) => void): Page {
  return {
    pid,
    open: (url) => remote.open(url),
    reload: () => remote.reload(),
    pick: (path) => remote.pick(path),
    async waitFor(expression) {
      while ((await remote.read(`JSON.stringify(Boolean(${expression}))`)) !== "true") await delay(INTERVAL);
    },
    async evaluate(expression) {
      await remote.read(`(() => {
        const told = [];
        globalThis.tell = async (message) => void told.push(message);
        let end;
        ${expression}.then(() => { end = ""; }, (error) => { end = String(error); });
        globalThis.look = () => JSON.stringify({ told: told.splice(0), end });
        return "null";
      })()`);
      for (const begun = performance.now(); performance.now() - begun < PAGE_TIMEOUT; await delay(INTERVAL)) {
        const { told, end } = JSON.parse(await remote.read("look()")) as { told: string[]; end?: string };
        told.forEach(tell);
        if (end === "") return;
        if (end !== undefined) throw new Error(end);
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(remote[Symbol.asyncDispose]()),
  };
}
