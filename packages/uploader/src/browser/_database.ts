const STORES = ["entries", "aside"] as const;
const VERSION = 1;

/** A transaction and the two stores of a journal in it: the entries, and what was set aside. */
export interface Access {
  readonly transaction: IDBTransaction;
  readonly entries: IDBObjectStore;
  readonly aside: IDBObjectStore;
}

/** A database that is opened when it is needed, and again when the browser has closed it. */
export class Database {
  readonly #name: string;
  #opening: Promise<IDBDatabase> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  read(): Promise<Access> {
    return this.#access("readonly");
  }

  /** What it writes is on the disk when it is complete. */
  write(): Promise<Access> {
    return this.#access("readwrite");
  }

  async #access(mode: IDBTransactionMode): Promise<Access> {
    try {
      return accessTo(await this.#open(), mode);
    } catch (error) {
      if ((error as Error).name !== "InvalidStateError") throw error;
      // It was closed between the opening and now.
      this.#opening = undefined;
      return accessTo(await this.#open(), mode);
    }
  }

  #open(): Promise<IDBDatabase> {
    this.#opening ??= open(this.#name, () => {
      this.#opening = undefined;
    }).catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }
}

function accessTo(database: IDBDatabase, mode: IDBTransactionMode): Access {
  const transaction = database.transaction(STORES, mode, { durability: "strict" });
  return { transaction, entries: transaction.objectStore("entries"), aside: transaction.objectStore("aside") };
}

function open(name: string, onClosed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    if (typeof indexedDB === "undefined") {
      throw new TypeError(`Cannot open the journal "${name}": there is no IndexedDB here`);
    }
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion === 0) for (const store of STORES) request.result.createObjectStore(store);
    };
    request.onerror = () => reject(failure(name, request.error?.message ?? "it cannot be opened", request.error));
    request.onsuccess = () => {
      const database = request.result;
      // Another page wants to delete it, or the browser has thrown it away: neither waits for this one.
      database.onversionchange = () => {
        database.close();
        onClosed();
      };
      database.onclose = onClosed;
      if (STORES.every((store) => database.objectStoreNames.contains(store))) return resolve(database);
      database.close();
      reject(failure(name, "a database of this name is there already, and is no journal"));
    };
  });
}

function failure(name: string, reason: string, cause?: unknown): Error {
  return new Error(`Cannot open the journal "${name}": ${reason}`, { cause });
}
