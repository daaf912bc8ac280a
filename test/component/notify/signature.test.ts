import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeAuthority } from "../../support/certificates.ts";
import { blocksOf } from "../../support/pages.ts";
import { type Received, startReceiver } from "./receiver.ts";
import { phaseNote, secret, webhookRig } from "./rig.ts";

async function received(): Promise<Received> {
  await using receiver = await startReceiver();
  await using rig = await webhookRig(receiver);
  rig.webhook.record(phaseNote());
  await rig.until("sent");
  return receiver.received[0] as Received;
}

const signed = ({ headers, text }: Received, key: string | Buffer) =>
  `v1,${createHmac("sha256", key).update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`).digest("base64")}`;

describe("the signature", () => {
  test("is over id, time and body, by the secret of the file", async () => {
    const it = await received();
    expect(it.headers["webhook-signature"]).toBe(signed(it, secret));
    expect(it.headers["webhook-id"]).toBe(it.body.id);
    const ageS = Math.abs(new Date(it.body.time).getTime() / 1_000 - Number(it.headers["webhook-timestamp"]));
    expect(ageS).toBeLessThan(10);
  });

  test("is made with the bytes behind whsec_, as libraries of Standard Webhooks do", async () => {
    const bytes = Buffer.from("0123456789abcdef0123456789abcdef");
    await using receiver = await startReceiver();
    await using rig = await webhookRig(receiver);
    await writeFile(rig.file("secret"), `whsec_${bytes.toString("base64")}\n`);
    rig.webhook.record(phaseNote());
    await rig.until("sent");
    const it = receiver.received[0] as Received;
    expect(it.headers["webhook-signature"]).toBe(signed(it, bytes));
  });

  test("is verified by the shell command of docs/monitoring.md, and a changed body is not", async () => {
    const it = await received();
    const file = "docs/monitoring.md";
    const page = { file, text: await readFile(new URL(`../../../${file}`, import.meta.url), "utf8") };
    const command = blocksOf(page, "sh").find((block) => block.includes("openssl"));
    if (command === undefined) throw new Error(`${file} has no block with openssl`);
    const folder = await mkdtemp(join(tmpdir(), "aceso-verify-"));
    try {
      const verify = async (body: string) => {
        await writeFile(join(folder, "secret"), `${secret}\n`);
        await writeFile(join(folder, "body.json"), body);
        const { headers } = it;
        const env = {
          ...process.env,
          id: `${headers["webhook-id"]}`,
          timestamp: `${headers["webhook-timestamp"]}`,
          signature: `${headers["webhook-signature"]}`,
        };
        return new Promise<string>((resolve) => {
          execFile("sh", ["-c", command], { cwd: folder, env }, (_error, stdout) => resolve(stdout.trim()));
        });
      };
      expect(await verify(it.text)).toBe("genuine");
      expect(await verify(it.text.replace("n1", "n2"))).toBe("");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("over TLS", () => {
  const authority = makeAuthority("receivers");
  const certificate = authority.issue({ commonName: "receiver", altNames: ["127.0.0.1"] });

  test("a receiver of an authority in ca-file is trusted, also when the file is changed", async () => {
    await using receiver = await startReceiver(undefined, certificate);
    await using rig = await webhookRig(receiver);
    await using trusting = await webhookRig({ ...receiver, caFile: rig.file("ca.pem") });
    await writeFile(rig.file("ca.pem"), makeAuthority("others").cert);
    const goOn = trusting.clock.holdSleeps();
    trusting.webhook.record(phaseNote());
    const isTold = () => trusting.log.lines.some(({ fields }) => /certificate/.test(JSON.stringify(fields)));
    await expect.poll(isTold).toBe(true);
    expect(receiver.received).toEqual([]);
    await writeFile(rig.file("ca.pem"), authority.cert);
    goOn();
    await trusting.until("sent");
    expect(receiver.received).toHaveLength(1);
  });

  test("one of an authority that is not known gets nothing", async () => {
    await using receiver = await startReceiver(undefined, certificate);
    await using rig = await webhookRig(receiver);
    rig.webhook.record(phaseNote());
    await rig.until("expired");
    expect(receiver.received).toEqual([]);
  });
});
