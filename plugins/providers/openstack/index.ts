import { defineProvider } from "../../../src/plugin-api/index.ts";
import { openSession } from "../../shared/openstack/open-session.ts";
import { settingsFrom } from "../../shared/openstack/settings.ts";
import { settingsMistakes } from "../../shared/openstack/settings-mistakes.ts";
import { createOpenStackProvider } from "./openstack-provider.ts";
import { openStackParams } from "./params.ts";
import { ServiceChoice } from "./services.ts";
import { toSettings } from "./settings.ts";

/** Nova servers; with Heat and Magnum also their stacks and clusters. */
export default defineProvider({
  id: "openstack",
  summary: "Machines are Nova servers, of a Magnum cluster or not.",
  params: openStackParams,
  mistakes: settingsMistakes,
  async create(params, { clock, log, clusterName }) {
    const session = openSession(settingsFrom(params), { clock, log });
    const settings = toSettings(params, clusterName);
    const choice = new ServiceChoice({ session, settings, clock, log });
    try {
      return createOpenStackProvider(await choice.start(), { session, settings, clock, choice });
    } catch (error) {
      await session.close();
      throw error;
    }
  },
});
