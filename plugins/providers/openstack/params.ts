import type { ParamSchema, ParamSpec } from "../../../src/plugin-api/index.ts";

const text = (doc: string): ParamSpec => ({ doc, format: "string", default: null });
const file = (doc: string): ParamSpec => ({ doc, format: "path", default: null });
const secret = (doc: string): ParamSpec => ({ doc, format: "string", default: null, sensitive: true });

/** The section `openstack`: all keys of magnum-auto-healer, and a `*-file` beside each secret. */
export const openStackParams = {
  "auth-url": {
    doc: "Keystone, as `https://keystone.example:5000/v3`; not needed with `use-clouds`.",
    format: "url",
    default: null,
  },
  "user-id": text("ID of the user."),
  username: text("Name of the user; needs the user's domain."),
  password: secret("Password of the user."),
  "password-file": file("File with the password, read again when it changes."),
  "project-id": text("ID of the project."),
  "project-name": text("Name of the project; needs the project's domain."),
  "trust-id": text("Trust to act under."),
  "trustee-id": text("User that the trust was given to; `user-id` if absent."),
  "trustee-password": secret("Password of the trustee; `password` if absent."),
  "trustee-password-file": file("File with the trustee's password, read again when it changes."),
  "domain-id": text("ID of the domain of user and project."),
  "domain-name": text("Name of the domain of user and project."),
  "project-domain-id": text("ID of the project's domain."),
  "project-domain-name": text("Name of the project's domain."),
  "user-domain-id": text("ID of the user's domain."),
  "user-domain-name": text("Name of the user's domain."),
  region: text("Region of the service catalog; the only one if absent."),
  "os-endpoint-type": {
    doc: "Which endpoints of the catalog to use; the public ones if absent.",
    format: ["public", "internal", "admin", "publicURL", "internalURL", "adminURL"],
    default: null,
  },
  "endpoint-overrides": {
    doc: "Addresses to use instead of the catalog's, by service type, as `compute: https://nova.example:8774/v2.1`.",
    format: "labels",
    default: {},
  },
  "ca-file": file("Certificate authorities of the cloud, PEM."),
  "tls-insecure": { doc: "Do not verify the cloud's certificates.", format: "flag", default: null },
  "cert-file": file("Client certificate, PEM."),
  "key-file": file("Key of the client certificate, PEM."),
  "use-clouds": { doc: "Take the credentials from a `clouds.yaml`.", format: "flag", default: false },
  "clouds-file": file("The `clouds.yaml`; its usual places if absent."),
  cloud: text("Name of the cloud in `clouds.yaml`."),
  "application-credential-id": text("ID of an application credential."),
  "application-credential-name": text("Name of an application credential; needs the user."),
  "application-credential-secret": secret("Secret of the application credential."),
  "application-credential-secret-file": file("File with the secret, read again when it changes."),
  stack: text("Name or id of the Heat stack that holds the machines, where no Magnum cluster does. Allows `replace`."),
  machines: {
    doc: "Metadata that a server must have to be touched, as `cluster: k8s`; it then need not be of the cluster's stacks.",
    format: "labels",
    default: {},
  },
  "match-by-name": {
    doc: "A Node that names no server is the server of its name. Names can be had by anybody in the project.",
    format: "flag",
    default: false,
  },
  "host-fencing": {
    doc: "`asserted`: a compute host that is down is fenced for certain, its servers may be evacuated. Needs admin rights.",
    format: ["none", "asserted"],
    default: "none",
  },
} as const satisfies ParamSchema;
