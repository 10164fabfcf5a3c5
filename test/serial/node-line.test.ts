import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { byteStringOf, bytesOf } from "../../host/serial/bytes.ts";
import type { Line, LineEnd } from "../../host/serial/line.ts";
import { findNodePort, openNodeLine } from "../../host/serial/node-line.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { installPorts } from "../fixtures/serial/listed-ports.ts";
import { Pty } from "../fixtures/serial/pty.ts";
import type { SerialDevice } from "../fixtures/serial/serial-device.ts";
import { until } from "../fixtures/waiting.ts";

/** Sends back what it gets. */
class EchoDevice implements SerialDevice {
  onSend: (bytes: Uint8Array) => void = () => undefined;
  received = "";

  receive(bytes: Uint8Array): void {
    this.received += byteStringOf(bytes);
    this.onSend(bytes);
  }
}

interface Heard {
  text: string;
  readonly ends: LineEnd[];
}

function hear(line: Line): Heard {
  const heard: Heard = { text: "", ends: [] };
  line.listen({
    onBytes: (bytes) => {
      heard.text += byteStringOf(bytes);
    },
    onEnd: (end) => heard.ends.push(end),
  });
  return heard;
}

const ALL_BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));

describe.skipIf(!hasProgram("socat"))("a serial port", () => {
  let device: EchoDevice;
  let pty: Pty;
  let line: Line;

  beforeEach(async () => {
    device = new EchoDevice();
    pty = await Pty.create(device);
    line = await openNodeLine(pty.port);
  });

  afterEach(async () => {
    await line.close();
    await pty.unplug();
  });

  test("carries every byte both ways, and keeps what came before anybody listened", async () => {
    await line.write(bytesOf(ALL_BYTES));
    await until("the bytes at the board", () => device.received.length === ALL_BYTES.length);
    const heard = hear(line);
    await until("the bytes to come back", () => heard.text.length === ALL_BYTES.length);
    expect(device.received).toBe(ALL_BYTES);
    expect(heard.text).toBe(ALL_BYTES);
  });

  test("ends as unplugged when the device goes away, and refuses to write from then on", async () => {
    const heard = hear(line);
    await pty.unplug();
    await until("the end", () => heard.ends.length > 0);
    expect(heard.ends.map(({ reason }) => reason)).toEqual(["unplugged"]);
    await expect(line.write(bytesOf("x"))).rejects.toMatchObject({ code: "MK1604" });
    const late = hear(line);
    expect(late.ends).toHaveLength(1);
  });

  test("ends as closed when it is closed, once, and is free for others then", async () => {
    const heard = hear(line);
    await line.close();
    await line.close();
    expect(heard.ends).toEqual([{ reason: "closed" }]);
    await expect(line.write(bytesOf("x"))).rejects.toMatchObject({ code: "MK1605" });
    const again = await openNodeLine(pty.port);
    await again.close();
  });

  test("that is in use names the program that holds it", async () => {
    await expect(openNodeLine(pty.port)).rejects.toMatchObject({
      code: "MK1602",
      message: expect.stringContaining(pty.port),
    });
  });

  test("is found by every name that it has, and not where the system does not tell its ports", async () => {
    const folder = mkdtempSync(join(tmpdir(), "motekit-port-"));
    const listed = { path: realpathSync(pty.port), usb: { vendor: "303a", product: "1001" } };
    try {
      vi.stubEnv("PATH", installPorts(folder, [{ path: "/dev/ttyS0" }, listed]));
      const found = { name: listed.path, vendorId: "303a", productId: "1001" };
      expect(await findNodePort(pty.port)).toEqual(found);
      expect(await findNodePort(listed.path)).toEqual(found);
      expect(await findNodePort("/dev/no-such-port")).toBeUndefined();
      vi.stubEnv("PATH", "/nowhere");
      expect(await findNodePort(pty.port)).toBeUndefined();
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    }
  });

  test("without control signals says so", async () => {
    await expect(line.setSignals({ requestToSend: false })).rejects.toMatchObject({ code: "MK1606" });
  });
});

describe("a port that cannot be opened", () => {
  test("is named when it does not exist", async () => {
    await expect(openNodeLine("/dev/no-such-port")).rejects.toMatchObject({
      code: "MK1601",
      message: "The port /dev/no-such-port does not exist.",
    });
  });

  test("is named when it is no serial port", async () => {
    const folder = mkdtempSync(join(tmpdir(), "motekit-port-"));
    const file = join(folder, "file");
    writeFileSync(file, "");
    await expect(openNodeLine(file)).rejects.toMatchObject({ code: "MK1605" });
    rmSync(folder, { recursive: true });
  });

  test.skipIf(userInfo().uid === 0)("says how to get permission", async () => {
    const folder = mkdtempSync(join(tmpdir(), "motekit-port-"));
    const file = join(folder, "file");
    writeFileSync(file, "");
    chmodSync(file, 0);
    await expect(openNodeLine(file)).rejects.toMatchObject({
      code: "MK1603",
      remedy: expect.stringContaining(userInfo().username),
    });
    rmSync(folder, { recursive: true });
  });
});
