import { type Packet, PacketReader } from "../../../../plugins/providers/libvirt/rpc/packet.ts";
import session from "./fixtures/session.json" with { type: "json" };

export interface Recorded {
  readonly from: string;
  readonly bytes: Buffer;
  readonly packet: Packet;
}

/** A real session, in order. */
export const recorded: readonly Recorded[] = session.packets.map(({ from, hex }) => {
  const bytes = Buffer.from(hex, "hex");
  const [packet] = new PacketReader().push(bytes);
  if (packet === undefined) throw new Error(`not a packet: ${hex}`);
  return { from, bytes, packet };
});

/** The question with this serial and its answer. */
export function exchange(serial: number): { readonly question: Packet; readonly answer: Packet } {
  const of = (type: number) =>
    recorded.find(({ packet }) => packet.program === 0x20008086 && packet.type === type && packet.serial === serial);
  const [question, answer] = [of(0), of(1)];
  if (question === undefined || answer === undefined) throw new Error(`no exchange ${serial}`);
  return { question: question.packet, answer: answer.packet };
}
