import { builtin } from "./_builtin.ts";
import type { Engine } from "./_engine.ts";
import type { Algorithm } from "./algorithm.ts";

interface Crypto {
  createHash(name: string): { update(bytes: Uint8Array): unknown; digest(): Uint8Array };
}

interface Zlib {
  crc32?(bytes: Uint8Array, value: number): number;
}

/**
 * Those of Node's own that are faster than WebAssembly, by run: md5, sha1 and sha512 twice, sha256 six times, crc32 three
 * times (Node 24 on x64). Deno, Bun and workerd have the same modules.
 */
export function nativeEngine(algorithm: Algorithm): Engine | undefined {
  switch (algorithm) {
    case "md5":
    case "sha1":
    case "sha256":
    case "sha512":
      return cryptoEngine(algorithm);
    case "crc32":
      return zlibEngine();
    default:
      return undefined;
  }
}

function cryptoEngine(algorithm: string): Engine | undefined {
  try {
    const hash = builtin<Crypto>("node:crypto")?.createHash(algorithm);
    return (
      hash && {
        name: "node:crypto",
        version: "",
        update: (bytes) => void hash.update(bytes),
        // Node's is a view into memory that it shares.
        digest: () => new Uint8Array(hash.digest()),
      }
    );
  } catch {
    // A build of OpenSSL without it: MD5 under FIPS.
    return undefined;
  }
}

function zlibEngine(): Engine | undefined {
  const crc32 = builtin<Zlib>("node:zlib")?.crc32;
  if (typeof crc32 !== "function") return undefined;
  let value = 0;
  const bytes = () => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, value);
    return new Uint8Array(view.buffer);
  };
  return {
    name: "node:zlib",
    version: "",
    update(chunk) {
      value = crc32(chunk, value);
    },
    digest: bytes,
    save: bytes,
  };
}
