/** A boot volume, as far as a healer asks for it. */
export interface Volume {
  readonly id: string;
  readonly projectId: string;
  readonly serverId: string;
  readonly createdAtWallMs: number;
  status: "in-use" | "reserved" | "downloading" | "error";
  imageId: string;
}
