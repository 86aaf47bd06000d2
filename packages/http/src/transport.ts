import type { ReplyHeaders } from "./reply-headers.ts";
import type { Segment } from "./segment.ts";
import type { SegmentReader } from "./segment-reader.ts";
import type { Watch } from "./watch.ts";

/** The body of one attempt. */
export interface OutgoingBody {
  readonly segments: readonly Segment[];
  readonly size: number | undefined;
  /** Reads the segments; one an attempt. */
  readonly reader: SegmentReader;
  /** To be called before anything but `reader` reads a source that can be read once. */
  spend(): void;
  /** To be called with what a read threw, before the request is failed with it: it is not the network's fault. */
  fail(reason: unknown): void;
}

/** One request, as it goes out. */
export interface Outgoing {
  readonly method: string;
  /** Without user info and fragment. */
  readonly url: URL;
  /** Names in lower case; among them Content-Type, but no Content-Length. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: OutgoingBody | undefined;
  /** Whether some of the headers must not leave this origin. */
  readonly confidential: boolean;
  /** Whether somebody wants to know what was sent, byte by byte. */
  readonly observed: boolean;
  /** Aborted with the reason that the request, or the reading of its reply, is to fail with. */
  readonly signal: AbortSignal;
  readonly watch: Watch;
}

/** One reply, as soon as its headers are there. Not followed where it is a redirect. */
export interface Incoming {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** Undefined where there can be none; bytes where all of them are there already. A stream errors like `send` rejects. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> | undefined;
}

/** A reply as it is read: what is small is all there. */
export type Received = Omit<Incoming, "body"> & { readonly body: NonNullable<Incoming["body"]> };

/** What sends requests: undici, fetch, XMLHttpRequest. */
export interface Transport {
  /** Headers that go out with every request, unless the caller gives them. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Rejects with the signal's reason, with what a source threw, or with a `NetworkFailure`. */
  send(outgoing: Outgoing): Promise<Incoming>;
  /** Cuts every connection. */
  close(): Promise<void>;
}
