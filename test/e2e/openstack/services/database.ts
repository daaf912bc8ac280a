import { execFile } from "node:child_process";
import { file, host, type Layout, password } from "./layout.ts";

/** Every schema, in no order. */
const schemas = [
  "keystone",
  "placement",
  "glance",
  "neutron",
  "nova_api",
  "nova",
  "nova_cell0",
  "heat",
  "magnum",
  "cinder",
];

/** Runs SQL as the database's own root, in one schema where one is named. @returns rows of columns without header */
export function sql(layout: Pick<Layout, "dir">, statements: string, schema?: string): Promise<readonly string[][]> {
  const socket = `${layout.dir}/database.sock`;
  const args = ["--no-defaults", "-S", socket, "-uroot", "-N", "-B", ...(schema === undefined ? [] : [schema])];
  return new Promise((resolve, reject) => {
    const child = execFile("/usr/bin/mariadb", args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error !== null) return reject(new Error(`SQL: ${stderr.trim() || error.message}`));
      const lines = stdout.split("\n").filter((line) => line !== "");
      resolve(lines.map((line) => line.split("\t")));
    });
    child.stdin?.end(statements);
  });
}

/** A text as SQL has it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

export async function createSchemas(layout: Layout): Promise<void> {
  const user = `services@${quoted(host)}`;
  const create = schemas.map((name) => `create database ${name} character set utf8;`);
  await sql(
    layout,
    `${create.join("\n")} create user ${user} identified by ${quoted(password)}; grant all on *.* to ${user};`,
  );
}

/** The command that makes an empty database. */
export function emptyDatabase(layout: Layout) {
  const args = ["--no-defaults", "--user=root", `--datadir=${file(layout, "database")}`, "--skip-test-db"];
  return {
    name: "new database",
    command: "mariadb-install-db",
    args: [...args, "--auth-root-authentication-method=normal"],
  };
}
