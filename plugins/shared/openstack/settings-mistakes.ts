import type { ParamMistake, ParamValues } from "../../../src/plugin-api/index.ts";
import { authRequestOf, isGaps } from "./auth-request.ts";
import { httpUrl, isServiceName, serviceTypes } from "./catalog.ts";
import { type SecretOption, secretFileKeys, settingsFrom, textKeys } from "./settings.ts";

/**
 * What is missing from the section `openstack` or contradicts itself, all of it. Pure: opens no file, so what a
 * `clouds.yaml` brings shows only at the first login.
 */
export function settingsMistakes(params: ParamValues): readonly ParamMistake[] {
  return [...missing(params), ...givenTwice(params), ...badOverrides(params)];
}

function missing(params: ParamValues): readonly ParamMistake[] {
  const { options, secretFiles, clouds } = settingsFrom(params);
  if (clouds !== undefined) return [];
  const fromFiles = Object.keys(secretFiles).map((option) => [option, "from its file"]);
  const request = authRequestOf({ ...options, ...Object.fromEntries(fromFiles) });
  const address = { key: "auth-url", message: "missing: expected the address of Keystone, or use-clouds: true" };
  return [...(options.authUrl === undefined ? [address] : []), ...(isGaps(request) ? request : [])];
}

function givenTwice(params: ParamValues): readonly ParamMistake[] {
  const { options, secretFiles } = settingsFrom(params);
  return (Object.keys(secretFiles) as SecretOption[]).flatMap((option) =>
    options[option] === undefined
      ? []
      : [{ key: secretFileKeys[option], message: `contradicts ${textKeys[option]}: expected one of the two` }],
  );
}

function badOverrides(params: ParamValues): readonly ParamMistake[] {
  const overrides = settingsFrom(params).options.endpointOverrides ?? {};
  return Object.entries(overrides).flatMap(([service, address]) => {
    const key = `endpoint-overrides.${service}`;
    if (!isServiceName(service)) return [{ key, message: `is no service; expected one of ${serviceTypes.join(", ")}` }];
    if (httpUrl(address.replaceAll(/[%$]\(\w+\)s/g, "x")) !== undefined) return [];
    return [{ key, message: "expected an http or https address without user and password" }];
  });
}
