import { standingOf } from "../core/certificate.ts";
import { about, type Diagnosis } from "./diagnosis.ts";
import type { CertificateFacts, DoctorFacts } from "./facts.ts";
import { fromHere } from "./from-here.ts";
import { seenValue } from "./seen.ts";

const { ok, warning, error } = about("certificate");

/** Whether readers of the status page beyond loopback will take its certificate, and for how long. */
export function diagnoseCertificate({ certificate, config, namespace }: DoctorFacts): readonly Diagnosis[] {
  if (seenValue(config.read) === undefined) return [];
  if (certificate === undefined) return [ok("none is needed: the status page speaks plain HTTP")];
  const found = judge(certificate);
  if (found.level === "ok") return [ok(found.message)];
  const said = fromHere(config, namespace, found.message, found.remedy);
  // The pods of a ConfigMap have other files than this machine.
  return [found.level === "warning" || !config.isFile ? warning(...said) : error(...said)];
}

const renew =
  "renew it in the Secret that is mounted there (kubectl -n aceso describe certificate says why cert-manager did not); no restart is needed";

function judge(certificate: CertificateFacts): Diagnosis {
  if (certificate.kind === "failed") {
    return error(
      `${certificate.problem}: the status page goes on with the certificate before, or nobody can open it`,
      "put certificate and key there, as tls.crt and tls.key of a mounted Secret; no restart is needed",
    );
  }
  const { names, validity, readAtWallMs } = certificate;
  const what = `the status page's certificate (${names || "for no name"})`;
  const until = timeText(validity.untilWallMs);
  switch (standingOf(validity, readAtWallMs)) {
    case "valid":
      return ok(`${what} fits its key and holds until ${until}`);
    case "ends-soon":
      return warning(`${what} ends on ${until}, and should have been renewed by now`, renew);
    case "ended":
      return error(`${what} ended on ${until}: browsers and Prometheus refuse it`, renew);
    case "not-yet":
      return error(
        `${what} holds from ${timeText(validity.fromWallMs)} only: browsers and Prometheus refuse it`,
        "see whether the clock of this machine is right, else wait or have another one made",
      );
  }
}

function timeText(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(".000Z", "Z");
}
