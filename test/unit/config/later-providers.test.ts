import { expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import type { Log } from "../../../src/plugin-api/index.ts";
import { loadText, registry } from "../../support/config-loading.ts";

const nothing = () => {};
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log };

test.each([["openstack", "openstack: {auth-url: 'https://k:5000/v3', user-id: u, password-file: /p}\n"]])(
  "%s is validated in full, but starting with it asks the operator for another",
  async (id, text) => {
    const { provider } = loadText(text);
    const start = async () =>
      registry.providers.get(id)?.create(provider?.params ?? {}, { clock: systemClock, log, clusterName: undefined });
    await expect(start()).rejects.toMatchObject({ code: "ACESO_PROVIDER", remedy: "ask-operator" });
    await expect(start()).rejects.toThrow(`starting provider ${id}: this version of Aceso`);
  },
);
