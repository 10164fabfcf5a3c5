/** `require("net")` on both engines over real TCP. */
import { expect, it, vi } from "vitest";
import { ALL_BYTES, allBytes, boot, describeEngine, serve } from "../fixtures/engine-suite.ts";
import { listen } from "../fixtures/simulated-boards.ts";

describeEngine("a socket", (engine) => {
  it("socket: 10 KB in both directions arrive in chunks of at most 536 bytes", async () => {
    const server = await serve((socket) => socket.pipe(socket));
    const { lines, untilLine } = await boot(
      engine,
      `${ALL_BYTES} var sent = ""; for (i = 0; i < 40; i++) sent += all;
      var got = "", longest = 0;
      var s = require("net").connect({ host: "127.0.0.1", port: ${server.port} }, function() {
        print("connected", s.write(sent));
      });
      s.on("data", function(d) {
        got += d; longest = Math.max(longest, d.length);
        if (got.length === sent.length) print("echo", got === sent, longest, typeof d);
        if (got.length === sent.length) print("end");
      });`,
    );
    await untilLine("end");
    expect(lines[0]).toBe("connected false");
    expect(lines[1]).toMatch(/^echo true \d+ string$/);
    expect(Number(lines[1]?.split(" ")[2])).toBeLessThanOrEqual(536);
  });

  it("socket: bytes that were written before the connection was established are sent", async () => {
    const received: Buffer[] = [];
    const server = await serve((socket) => socket.on("data", (bytes) => received.push(bytes)));
    const { untilLine } = await boot(
      engine,
      `${ALL_BYTES} var s = require("net").connect({ host: "127.0.0.1", port: ${server.port} });
      s.write(all); s.on("drain", function() { print("drain"); });`,
    );
    await untilLine("drain");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(Buffer.concat(received)).toEqual(allBytes);
  });

  it("socket: the peer's end gives end and close(false), and a write then throws", async () => {
    const server = await serve((socket) => socket.end("bye"));
    const { lines, untilLine } = await boot(
      engine,
      `var s = require("net").connect({ host: "127.0.0.1", port: ${server.port} }, function() {});
      s.on("data", function(d) { print("data", d); });
      s.on("end", function() { print("end"); });
      s.on("error", function(e) { print("error", e); });
      s.on("close", function(e) {
        print("close", e);
        try { s.write("x"); } catch (error) { print(error.message); }
        s.end(); print("done");
      });`,
    );
    await untilLine("done");
    expect(lines).toEqual(["data bye", "end", "close false", "This socket is closed", "done"]);
  });

  it("socket: a write after end throws, and earlier bytes are sent", async () => {
    const received: Buffer[] = [];
    const server = await serve((socket) => socket.on("data", (bytes) => received.push(bytes)));
    const { lines, untilLine } = await boot(
      engine,
      `var s = require("net").connect({ host: "127.0.0.1", port: ${server.port} }, function() {
        s.write("last words"); s.end();
        try { s.write("x"); } catch (error) { print(error.message); }
      });
      s.on("close", function(e) { print("close", e); });`,
    );
    await untilLine("close false");
    expect(lines).toEqual(["This socket is closed", "close false"]);
    await vi.waitFor(() => expect(Buffer.concat(received).toString()).toBe("last words"));
  });
});

describeEngine("a socket in trouble", (engine) => {
  it("socket: a power cut drops the connection without an event", async () => {
    let dropped: (() => void) | undefined;
    const whenDropped = new Promise<void>((resolve) => {
      dropped = resolve;
    });
    const server = await serve((socket) => socket.on("close", () => dropped?.()));
    const { board, lines, untilLine } = await boot(
      engine,
      `var s = require("net").connect({ host: "127.0.0.1", port: ${server.port} }, function() { print("up"); });
      s.on("close", function() { print("closed"); });`,
    );
    await untilLine("up");
    board.kill();
    await whenDropped;
    expect(lines).toEqual(["up"]);
  });

  it("socket: a refused connection gives an exception or close", async () => {
    const server = await listen(() => undefined);
    await server.close();
    const { lines, untilLine } = await boot(
      engine,
      `try {
        var s = require("net").connect({ host: "127.0.0.1", port: ${server.port} }, function() { print("up"); });
        s.on("close", function() { print("refused"); });
      } catch (e) { print("refused"); }`,
    );
    await untilLine("refused");
    expect(lines.some((line) => line.startsWith("ERROR: Connect failed"))).toBe(true);
    expect(lines).not.toContain("up");
  });

  it("socket: the connection survives an exception in a data listener", async () => {
    const server = await serve((socket) => {
      socket.write("one");
      setTimeout(() => socket.write("two"), 200);
    });
    const { lines, untilLine } = await boot(
      engine,
      `var s = require("net").connect({ host: "127.0.0.1", port: ${server.port} }, function() {});
      s.on("data", function(d) { if (d === "one") throw new Error("first"); print(d); });`,
    );
    await untilLine("two");
    expect(lines[0]).toBe("Uncaught Error: first");
  });
});
