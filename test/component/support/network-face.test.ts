import { request } from "node:https";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { makeAuthority } from "../../support/certificates.ts";
import { type FaceOptions, type NetworkFace, openNetworkFace } from "../../support/hollow/network-face.ts";

const faces: NetworkFace[] = [];

afterEach(async () => {
  await Promise.all(faces.splice(0).map((face) => face.close()));
});

async function open(options: FaceOptions): Promise<NetworkFace> {
  const face = await openNetworkFace(options);
  faces.push(face);
  return face;
}

describe("a hollow machine's network face", () => {
  test("is mute at first, and again whatever it showed before", async () => {
    const face = await open({ host: "127.0.251.2" });
    expect(await knock(face)).toBe("nothing");
    const seen: string[] = [];
    for (const mode of ["alive", "mute", "refused", "mute", "alive", "refused", "alive"] as const) {
      await face.show(mode);
      seen.push(`${mode}: ${await knock(face)}`);
    }
    expect(seen).toEqual([
      "alive: connected",
      "mute: nothing",
      "refused: refused",
      "mute: nothing",
      "alive: connected",
      "refused: refused",
      "alive: connected",
    ]);
  });

  test("drops a connection that was open when it fell mute, once it lives again", async () => {
    const face = await open({ host: "127.0.251.3" });
    await face.show("alive");
    const socket = connect({ host: face.host, port: face.port });
    const closed = new Promise((resolve) => socket.on("error", () => undefined).once("close", resolve));
    await new Promise((resolve) => socket.once("connect", resolve));
    await face.show("mute");
    await face.show("alive");
    await closed;
    expect(await knock(face)).toBe("connected");
  });

  test("answers /healthz over a certificate that a client can verify", async () => {
    const authority = makeAuthority("test-ca");
    const tls = authority.issue({ commonName: "kubelet", altNames: ["127.0.251.4", "localhost"] });
    const face = await open({ host: "127.0.251.4", tls });
    await face.show("alive");
    expect(await getHealth(face, authority.cert)).toBe("200 ok");
    face.setHealth(500);
    expect(await getHealth(face, authority.cert)).toBe("500 not ok");
    await expect(getHealth(face, makeAuthority("other-ca").cert)).rejects.toThrow(/certificate|signature/);
  });
});

/** What half a second of trying to connect brings. */
function knock(face: NetworkFace): Promise<"connected" | "refused" | "nothing"> {
  return new Promise((resolve) => {
    const socket = connect({ host: face.host, port: face.port });
    const end = (outcome: "connected" | "refused" | "nothing") => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end("nothing"), 500);
    socket.once("connect", () => end("connected")).once("error", () => end("refused"));
  });
}

function getHealth(face: NetworkFace, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: face.host, port: face.port, path: "/healthz", ca, agent: false };
    request(options, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve(`${response.statusCode} ${body}`));
    })
      .on("error", reject)
      .end();
  });
}
