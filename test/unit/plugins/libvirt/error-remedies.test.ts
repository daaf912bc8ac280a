import { expect, test } from "vitest";
import { LibvirtError } from "../../../../plugins/providers/libvirt/rpc/errors.ts";

test.each([
  [42, 10, "Domain not found: no domain with matching uuid 'x'", "give-up"],
  [55, 20, "Requested operation is not valid: domain is not running", "re-read"],
  [49, 18, "Storage pool not found: no pool with matching name 'x'", "ask-operator"],
  [50, 18, "Storage volume not found: no storage vol with matching path 'x'", "ask-operator"],
  [55, 18, "Requested operation is not valid: storage pool 'x' is not active", "ask-operator"],
  [55, 18, "Requested operation is not valid: volume 'x' is still in use.", "retry"],
  [55, 18, "Requested operation is not valid: volume 'x' is still being allocated.", "retry"],
  [55, 18, "Requested operation is not valid: volume target path 'x' already exists", "retry"],
  [90, 18, "storage volume 'x' exists already", "retry"],
  [38, 18, "cannot allocate 1 bytes in file 'x': No space left on device", "ask-operator"],
  [38, 18, "Cannot access storage file 'x' (as uid:64055, gid:64055): No such file or directory", "ask-operator"],
  [38, 10, "Unable to read from monitor: Connection reset by peer", "re-read"],
  [68, 0, "Timed out during operation: cannot acquire state change lock", "retry"],
  [74, 10, "argument unsupported: QEMU guest agent is not configured", "give-up"],
  [29, 20, "operation forbidden: read only access prevents virDomainDestroyFlags", "ask-operator"],
  [39, 7, "authentication required", "ask-operator"],
  [45, 7, "authentication failed: authentication failed", "ask-operator"],
  [1, 47, "internal error: no polkit agent", "ask-operator"],
  [1, 10, "internal error: process exited while connecting to monitor", "re-read"],
  [27, 18, "XML error: missing capacity element", "give-up"],
  [35, 18, "XML error: unknown volume format type", "give-up"],
  [9999, 1, "an error of the future", "re-read"],
])("error %i/%i, %s: %s", (number, area, words, remedy) => {
  const error = new LibvirtError("destroy node-0 (qemu:///system)", number, area, words);
  expect(error.remedy).toBe(remedy);
  expect(error.message).toContain(`destroy node-0 (qemu:///system): ${words} (libvirt error ${number}/${area})`);
});
