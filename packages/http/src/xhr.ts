import { NetworkFailure } from "./network-failure.ts";
import { streamOfBytes } from "./stream-of-bytes.ts";
import type { Incoming, Outgoing } from "./transport.ts";

/** Sends by XMLHttpRequest, the one way for a page to see how much of a body has gone out. */
export function sendByXhr(outgoing: Outgoing, body: Blob): Promise<Incoming> {
  const { method, url, headers, signal, watch } = outgoing;
  const { promise, resolve, reject } = Promise.withResolvers<Incoming>();
  const xhr = new XMLHttpRequest();
  let sent = 0;
  const abort = (): void => {
    xhr.abort();
    reject(signal.reason);
  };
  xhr.open(method, url);
  xhr.responseType = "arraybuffer";
  for (const [name, value] of headers) xhr.setRequestHeader(name, value);
  xhr.upload.onprogress = ({ loaded }) => {
    watch.taken(loaded - sent);
    sent = loaded;
    if (sent < body.size) watch.handed();
  };
  xhr.upload.onload = () => {
    watch.taken(body.size - sent);
    sent = body.size;
    watch.sentAll();
  };
  xhr.onload = () => {
    const received = new Headers();
    for (const line of xhr.getAllResponseHeaders().trim().split("\r\n")) {
      const colon = line.indexOf(":");
      if (colon > 0) received.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    const body = streamOfBytes(new Uint8Array(xhr.response as ArrayBuffer));
    resolve({ status: xhr.status, headers: received, body });
  };
  xhr.onerror = () => reject(new NetworkFailure(new TypeError("the network, or the server's CORS, refused it"), true));
  xhr.onloadend = () => signal.removeEventListener("abort", abort);
  signal.addEventListener("abort", abort);
  watch.handed();
  xhr.send(body);
  return promise;
}
