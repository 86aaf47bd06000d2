/** Something that a runtime lacks, so that a test cannot pass there. What is our own fault is mended instead. */
export interface Gap {
  /** The names of the runtimes. */
  readonly runtimes: readonly string[];
  readonly package: string;
  /** The tests that fail for it, `<suite>: <full name>` … */
  readonly tests?: readonly string[];
  /** … or, where they are many, what all of them fail with. */
  readonly failure?: string;
  readonly reason: string;
  /** Where the runtime's makers, or the standard, speak of it. */
  readonly link: string;
}

/** Every gap there is. One that closes fails the run until it is struck off. */
export const KNOWN_GAPS: readonly Gap[] = [
  {
    runtimes: ["workerd"],
    package: "streams",
    tests: [
      "transform-pair: transformPair > does what the platform's TransformStream does, for any sequence of operations",
    ],
    reason: "its own TransformStream, the judge here, settles a write after a cancel as if nothing had happened",
    link: "https://github.com/cloudflare/workerd/pull/6066",
  },
  {
    runtimes: ["workerd"],
    package: "uploader",
    tests: ["upload-stream: UploadStream > a result that nobody looks at is no unhandled rejection"],
    reason: "pipeTo of a native stream resolves although its destination was errored; so look at `result`",
    link: "https://github.com/cloudflare/workerd/pull/6066",
  },
  {
    runtimes: ["deno"],
    package: "compress",
    tests: ["decompressor-stream: DecompressorStream by native > refuses deflate-raw that is cut short anywhere"],
    reason: "its DecompressionStream takes raw deflate that was cut short for the whole",
    link: "https://compression.spec.whatwg.org/#decompress-flush-and-enqueue",
  },
  {
    runtimes: ["deno"],
    package: "compress",
    tests: [
      "decompressor-stream: DecompressorStream by zlib > uses the dictionary of deflate",
      "decompressor-stream: DecompressorStream by zlib > uses the dictionary of deflate-raw",
    ],
    reason: "its node:zlib ignores the dictionary",
    link: "https://github.com/denoland/deno/pull/20035",
  },
  {
    runtimes: ["deno"],
    package: "source",
    tests: ["blob-source: blobSource notices a Blob that is shorter than it said"],
    reason: "it reads a Blob by the `size` that was put over its own, and gives zeros, so the test's liar tells no lie",
    link: "https://w3c.github.io/FileAPI/#slice-method-algo",
  },
  {
    runtimes: ["polyfill"],
    package: "uploader",
    tests: [
      "upload-stream: UploadStream > is the end of a pipe, which is done when the target has the whole",
      "upload-stream: UploadStream > a result that nobody looks at is no unhandled rejection",
    ],
    reason: "a stream of the platform's, as a Blob gives it, refuses to be piped into one of the polyfill's",
    link: "https://github.com/MattiasBuelens/web-streams-polyfill/issues/20",
  },
  {
    runtimes: ["polyfill"],
    package: "replicate",
    tests: ["any-runtime: replicate() on this runtime > runs a model, and streams the file that it made"],
    reason: "the body of Node's own fetch never comes when streams are the polyfill's",
    link: "https://github.com/MattiasBuelens/web-streams-polyfill/issues/20",
  },
  {
    runtimes: ["polyfill"],
    package: "source",
    tests: ["request-source: requestSource refuses what is no request, and one that was read"],
    reason: "Node's Request cannot tell that a stream of the polyfill's was read",
    link: "https://github.com/MattiasBuelens/web-streams-polyfill/issues/20",
  },
  {
    runtimes: ["chromium", "firefox", "webkit"],
    package: "source",
    tests: [
      "request-source: requestSource takes length, type and name from the headers",
      "request-source: requestSource errors when the body is not as long as announced",
    ],
    reason: "a page cannot make a Request with a Content-Length, which is what the test gives the source",
    link: "https://fetch.spec.whatwg.org/#forbidden-request-header",
  },
  {
    runtimes: ["firefox", "webkit"],
    package: "uploader",
    tests: ["any entries (0)", "any entries (1)", "in any order (22)"].map(
      (law) => `memory-journal: journalLaws finds a journal that breaks: ${law}`,
    ),
    reason: "fast-check tells what broke by the stack of the error, which in these does not hold its message",
    link: "https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Error/stack",
  },
  {
    runtimes: ["firefox"],
    package: "source",
    tests: [
      "request-source: requestSource of a request without a body has 0 bytes",
      "request-source: requestSource refuses what is no request, and one that was read",
      ...["", "abc", "-1", "1e3", "99999999999999999999"].map(
        (length) => `request-source: requestSource believes no length of ${JSON.stringify(length)}`,
      ),
    ],
    reason: "it has no Request.body",
    link: "https://bugzilla.mozilla.org/show_bug.cgi?id=1387483",
  },
  {
    runtimes: ["webkit"],
    package: "source",
    failure: "ReadableByteStreamController",
    reason: "it has no byte streams; sources give it plain ones, but seven tests ask for byte streams as such",
    link: "https://streams.spec.whatwg.org/#rbs-controller-class",
  },
  {
    runtimes: ["webkit"],
    package: "http",
    tests: ["multipart-body: multipartBody > is what the platform's parser reads, and as long as it says"],
    reason: "its parser, the judge here, takes a file whose name goes beyond Latin-1 for a text",
    link: "https://bugs.webkit.org/show_bug.cgi?id=323972",
  },
];
