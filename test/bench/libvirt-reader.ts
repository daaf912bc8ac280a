// A process with nothing in it but our client: reads a guest's state again and again, and prints what it took as JSON.
//   node libvirt-reader.ts bare | node libvirt-reader.ts URI UUID READS
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Milliseconds of each way to make the reads, and of the process then. */
export interface Reading {
  readonly oneByOneMs: number;
  readonly fiveAtOnceMs: number;
  /** Each over a connection of its own; a tenth of the reads. */
  readonly connectingMs: number;
  /** Before it connects, and after all reads. */
  readonly loadedBytes: number;
  readonly residentBytes: number;
}

const [uri = "bare", machine = "", reads = "0"] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(uri === "bare" ? await bare() : await read(uri, machine, Number(reads)))}\n`);

async function bare(): Promise<Reading> {
  const residentBytes = resident();
  return { oneByOneMs: 0, fiveAtOnceMs: 0, connectingMs: 0, loadedBytes: residentBytes, residentBytes };
}

async function read(from: string, uuidText: string, count: number): Promise<Reading> {
  const { systemClock } = await import("../../src/app/clock.ts");
  const { openConnection } = await import("../../plugins/providers/libvirt/rpc/open-connection.ts");
  const { procedures } = await import("../../plugins/providers/libvirt/rpc/procedures.ts");
  const { parseConnectionUri } = await import("../../plugins/providers/libvirt/rpc/uri.ts");
  const signal = new AbortController().signal;
  const uuid = Buffer.from(uuidText.replaceAll("-", ""), "hex");
  const options = { timeoutMs: 5_000, signal, on: "" };
  const open = () =>
    openConnection(parseConnectionUri(from, { isReadOnly: false }), systemClock, { ...options, isReadOnly: false });
  const readOver = async (connection: Awaited<ReturnType<typeof open>>) => {
    const domain = await connection.call(procedures.domainByUuid, [uuid], options);
    return connection.call(procedures.domainState, [domain, 0], options);
  };
  const loadedBytes = resident();
  const connection = await open();
  const several = async (times: number) => {
    for (let done = 0; done < times; done += 1) await readOver(connection);
  };
  await several(count / 10);
  const oneByOneMs = await took(() => several(count));
  const fiveAtOnceMs = await took(() => Promise.all(Array.from({ length: 5 }, () => several(count / 5))));
  const connectingMs = await took(async () => {
    for (let done = 0; done < count / 10; done += 1) {
      const own = await open();
      await readOver(own);
      await own.close();
    }
  });
  const residentBytes = resident();
  await connection.close();
  return { oneByOneMs, fiveAtOnceMs, connectingMs, loadedBytes, residentBytes };
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Without what only waits for the collector. */
function resident(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().rss;
}
