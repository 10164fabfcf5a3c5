/** A client that does little work, so that the hub is measured: its packets are prepared, and received bytes are counted. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { generate, type Packet, type QoS } from "mqtt-packet";

const TOPIC = "load/devices/x";
const PAYLOAD = Buffer.alloc(32, "x");

const TEMPLATES = ([0, 1] as const).map((qos: QoS) => {
  const packet: Packet = { cmd: "publish", topic: TOPIC, payload: PAYLOAD, qos, retain: false, dup: false };
  return generate(qos === 0 ? packet : { ...packet, messageId: 1 });
});

/** A PUBLISH of QoS 0. */
export const PUBLISH_QOS_0 = TEMPLATES[0] as Buffer;

/** A PUBLISH of QoS 1. */
export function publishQos1(messageId: number): Buffer {
  const bytes = Buffer.from(TEMPLATES[1] as Buffer);
  bytes.writeUInt16BE(messageId, bytes.length - PAYLOAD.length - 2);
  return bytes;
}

const PACKET_TYPE = { publish: 3, puback: 4 } as const;

export class LoadClient {
  readonly socket: Socket;
  publishes = 0;
  pubacks = 0;
  /** Called after each chunk. */
  onProgress: () => void = () => undefined;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Connects with a clean or a persistent session. */
  static async open(port: number, clientId: string, clean = true): Promise<LoadClient> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    const connection = { protocolId: "MQTT", protocolVersion: 4, clean, keepalive: 0 } as const;
    socket.write(generate({ cmd: "connect", clientId, ...connection }));
    await once(socket, "data");
    return new LoadClient(socket);
  }

  /** Connects with a subscription, whose messages are counted, and acknowledged at QoS 1. The session of QoS 1 is persistent. */
  static async subscribed(port: number, clientId: string, qos: 0 | 1): Promise<LoadClient> {
    const client = await LoadClient.open(port, clientId, qos === 0);
    const subscriptions = [{ topic: "load/#", qos }];
    client.socket.write(generate({ cmd: "subscribe", messageId: 1, subscriptions }));
    await once(client.socket, "data");
    client.count();
    return client;
  }

  /** Starts to read received packets. All packets are shorter than 128 bytes. */
  count(): void {
    this.socket.on("data", (chunk) => {
      const bytes =
        this.#rest.length === 0 ? (chunk as Buffer) : Buffer.concat([this.#rest, chunk as Buffer]);
      const acknowledgements: number[] = [];
      let offset = 0;
      while (offset + 2 <= bytes.length) {
        const end = offset + 2 + (bytes[offset + 1] as number);
        if (end > bytes.length) break;
        this.#meet(bytes, offset, acknowledgements);
        offset = end;
      }
      this.#rest = bytes.subarray(offset);
      if (acknowledgements.length > 0) this.socket.write(Buffer.from(acknowledgements));
      this.onProgress();
    });
  }

  #meet(bytes: Buffer, offset: number, acknowledgements: number[]): void {
    const head = bytes[offset] as number;
    if (head >> 4 === PACKET_TYPE.puback) this.pubacks++;
    if (head >> 4 !== PACKET_TYPE.publish) return;
    this.publishes++;
    if ((head & 6) === 0) return;
    const identifierAt = offset + 4 + bytes.readUInt16BE(offset + 2);
    acknowledgements.push(0x40, 2, bytes[identifierAt] as number, bytes[identifierAt + 1] as number);
  }

  close(): void {
    this.socket.destroy();
  }
}
