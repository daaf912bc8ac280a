import { afterAll, beforeAll, describe } from "vitest";
import { type ContractServer, contractKit } from "./api-contract-kit.ts";
import { describeReads } from "./api-contract-reads.ts";
import { describeWrites } from "./api-contract-writes.ts";

/**
 * What Aceso relies on of an API server. The simulator and a real server both pass it; the real one needs the CRDs and a
 * running controller manager (for budgets). Objects have names of their own, so that it runs beside other tests.
 */
export function describeApiContract(name: string, connect: () => Promise<ContractServer>): void {
  describe(`${name} as an API server`, () => {
    let server: ContractServer;
    const kit = contractKit(() => server);
    beforeAll(async () => {
      server = await connect();
    });
    afterAll(async () => {
      await kit.removeAll();
      await server.close();
    });
    describeWrites(kit);
    describeReads(kit);
  });
}
