import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCredentials } from "../../../../plugins/providers/libvirt/rpc/auth-file.ts";
import { isExpected, scramSha256 } from "../../../../plugins/providers/libvirt/rpc/scram.ts";

// the example of RFC 7677, section 3
const nonce = "rOprNGfwEbeRWgbNEkqO";
const serverFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const serverFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

test("both sides prove the password as in the standard's example", async () => {
  const exchange = scramSha256({ username: "user", password: "pencil" }, nonce);
  expect(exchange.first).toBe("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  const { final, expected } = await exchange.answer(serverFirst);
  expect(final).toBe(
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  );
  expect([isExpected(serverFinal, expected), isExpected("v=AAAA", expected), isExpected("", expected)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("commas and equal signs of a user name are written as the standard wants", () => {
  expect(scramSha256({ username: "a,b=c", password: "x" }, "n").first).toBe("n,,n=a=2Cb=3Dc,r=n");
});

test.each([
  ["another's nonce", serverFirst.replace("rOpr", "xOpr")],
  ["our nonce with nothing added", "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"],
  ["a count that protects nothing", serverFirst.replace("4096", "1")],
  ["a count that takes hours", serverFirst.replace("4096", "999999999")],
  ["no salt", serverFirst.replace(/s=[^,]*,/, "")],
  ["nothing", ""],
])("a server that sends %s gets no proof", async (_, first) => {
  const exchange = scramSha256({ username: "user", password: "pencil" }, nonce);
  await expect(exchange.answer(first)).rejects.toMatchObject({ isConfiguration: true, remedy: "ask-operator" });
});

test("credentials are those of the host in libvirt's own file, else the default; errors hold no password", async () => {
  const folder = await mkdtemp(join(tmpdir(), "aceso-auth-"));
  const file = join(folder, "auth.conf");
  const signal = new AbortController().signal;
  await writeFile(
    file,
    `# two of them
[credentials-a]
authname=healer
password=s3cret = with ; signs
[credentials-b]
authname = other
[auth-libvirt-host-a]
credentials=a
[auth-libvirt-default]
credentials=b
`,
  );
  expect(await readCredentials(file, "host-a", signal)).toEqual({
    username: "healer",
    password: "s3cret = with ; signs",
  });
  await expect(readCredentials(file, "host-b", signal)).rejects.toThrow(`reading the credentials in ${file}: no [cred`);
  await writeFile(file, "[credentials-a]\npassword=s3cret\n");
  const lacking = await readCredentials(file, "host-a", signal).catch((error: unknown) => String(error));
  expect(lacking).toContain("no [auth-libvirt-host-a] or [auth-libvirt-default]");
  expect(lacking).not.toContain("s3cret");
  await rm(folder, { recursive: true });
  await expect(readCredentials(file, "host-a", signal)).rejects.toMatchObject({ isConfiguration: true });
});
