/** What a client tells while it works. No member holds a credential; addresses come without user info and query. */
export type HttpEvent = { readonly method: string; readonly url: string } & (
  | { readonly type: "request"; readonly attempt: number; readonly size: number | undefined }
  | {
      readonly type: "reply";
      readonly attempt: number;
      readonly status: number;
      readonly requestId: string | undefined;
      /** Milliseconds since the attempt began. */
      readonly duration: number;
    }
  | { readonly type: "failure"; readonly attempt: number; readonly error: unknown; readonly duration: number }
  | { readonly type: "retry"; readonly attempt: number; readonly error: unknown; readonly delay: number }
  | { readonly type: "redirect"; readonly status: number; readonly to: string }
);

interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

/** The name of the channel on which every client of the process tells its events, where there are diagnostics channels. */
const CHANNEL = "sluice:http";

let channel: Channel | undefined;
let looked = false;

/** Tells whoever listens: the client's own listener, and the process's channel in Node, Deno and Bun. */
export function emitEvent(listener: ((event: HttpEvent) => void) | undefined, event: HttpEvent): void {
  if (!looked) {
    looked = true;
    const { process } = globalThis as {
      process?: { getBuiltinModule?(name: string): { channel(name: string): Channel } | undefined };
    };
    channel = process?.getBuiltinModule?.("node:diagnostics_channel")?.channel(CHANNEL);
  }
  listener?.(event);
  if (channel?.hasSubscribers) channel.publish(event);
}
