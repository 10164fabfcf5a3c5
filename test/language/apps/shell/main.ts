import { check, checkThrows, finish, sleep } from "../check.ts";
import { LruCache } from "./cache.ts";
import { type Context, cacheFigures, commands, execute, text } from "./commands.ts";
import { evaluate, Parser } from "./parser.ts";
import { AsyncQueue } from "./queue.ts";
import { SyntaxFault, show, tokensOf } from "./tokenizer.ts";

function checkTokens(): void {
  check("tokens", [...tokensOf('let x1 = 3.5 * (y - 2) "a \\"b\\""')].map(show));
  check(
    "kinds",
    [...tokensOf("A && -7")].map(({ kind }) => kind),
  );
  check("nothing", [...tokensOf("   ")]);
  checkThrows("bad token", () => [...tokensOf("ok ?? 1")]);
  const words = "the quick brown the lazy the end".split(" ");
  const counts = words.reduce(
    (map, word) => map.set(word, (map.get(word) ?? 0) + 1),
    new Map<string, number>(),
  );
  check("counts", [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 3));
  check("matched", "k1=v1;k22=v2".match(/\w+(?==)/g));
  check(
    "all matched",
    [..."a1b22".matchAll(/(?<letter>[a-z])(\d+)/g)].map((one) => [one.groups?.letter, one[2], one.index]),
  );
  check("date", /^(?<year>\d{4})-(?<month>\d\d)$/.exec("2024-05")?.groups?.month);
  check("replaced", [
    "snake_case_name".replace(/_(\w)/g, (_, c: string) => c.toUpperCase()),
    "a.b.c".replaceAll(".", "/"),
  ]);
  check("groups moved", "Ada Lovelace".replace(/(\w+) (\w+)/, "$2, $1"));
  check("split", ["a, b;c".split(/[,;]\s*/), "1-2-3".split("-", 2), "abc".split("")]);
  check("anchored", [
    /^\w+$/.test("abc_1"),
    /^(?:\d{1,3}\.){3}\d{1,3}$/.test("10.0.0.255"),
    /colou?r/i.test("COLOR"),
  ]);
  check("searched", ["find the 42".search(/\d/), "none".search(/\d/)]);
  check("trimmed", ["  x ".trim(), "  x ".trimStart(), "  x ".trimEnd(), "x".padStart(3), "ab".repeat(2)]);
  check("parts", ["hello".at(-1), "hello".slice(1, -1), "hello".substring(3, 1), "hello".indexOf("l", 3)]);
  check("tests", [
    "hello".startsWith("he"),
    "hello".endsWith("lo"),
    "hello".includes("ell"),
    "hello".charCodeAt(0),
  ]);
}

function checkParser(): void {
  const results = ["1 + 2 * 3", "(1 + 2) * 3", "10 / 4 - 1", "2 * (3 + (4 - 1))", "-3 * -2"].map((source) =>
    evaluate(Parser.parse(source)),
  );
  check("results", results);
  check("tree", Parser.parse("a + b * 2"));
  check("names", evaluate(Parser.parse("a * a + b"), new Map(Object.entries({ a: 3, b: 0.5 }))));
  for (const bad of ["1 +", "(1", "1 2", "* 2", "1 / 0", "x", "1 = 2"]) {
    checkThrows(`bad ${bad}`, () => evaluate(Parser.parse(bad)));
  }
  try {
    Parser.parse("(");
  } catch (error) {
    const { name, position } = error as SyntaxFault;
    check("fault", [name, position, error instanceof SyntaxFault, error instanceof Error, `${error}`]);
  }
}

function checkCache(): void {
  const before = LruCache.instances;
  const cache = new LruCache<string, number>();
  check("capacity", [cache.capacity, LruCache.instances - before, LruCache.defaults]);
  cache.set("a", 1).set("b", 2).set("c", 3);
  check("hit", [cache.get("a"), cache.get("x") ?? "none"]);
  cache.set("d", 4);
  check("kept", [...cache]);
  check("keys", Array.from(cache, ([key]) => key).join(""));
  for (const [key, value] of cache) if (value > 3) check("over 3", key);
  check("made", [cache.getOrMake("e", (key) => key.length), cache.getOrMake("e", () => -1)]);
  check("figures", [cache.hits, cache.misses]);
  check("as object", Object.fromEntries(cache));
  const [[firstKey] = ["?"]] = cache;
  check("first", firstKey);
}

async function checkCommands(): Promise<void> {
  const context: Context = { names: new Map(), lines: [] };
  const run = (line: string) => execute(line, context);
  check("let", await run("let a = 2 * (3 + 4)"));
  check("use", await run("LET b = a / 4"));
  check("again", [await run("let c = a / 4"), cacheFigures()]);
  check("known names", await run("names"));
  check("print", await run('print "hi there" 3 a'));
  check("echo", await run("echo"));
  check("empty", await run(""));
  check("unknown", await run("reboot now"));
  check("faults", [
    await run("let = 3"),
    await run("let x = 1 +"),
    await run("let y = nobody"),
    await run("wait now"),
  ]);
  check("waited", await run("wait 3"));
  check("fail", await run("fail"));
  check("help", (await run("h")).split("\n"));
  check("lines", context.lines.length);
  check("command names", Object.keys(commands).join());
  const context2 = { ...context, names: new Map([...context.names, ["z", 9]]) };
  check("copied", [context2.names.size, context.names.size, context2.lines === context.lines]);
  const name = "x";
  check(
    "tagged",
    text`
    first ${name}
      second ${[1, 2]}

    ${null} ${undefined}`,
  );
  check("raw", String.raw`a\n${1 + 1}\t`);
  try {
    await Promise.reject(new SyntaxFault("outer", 1, { cause: new Error("inner") }));
  } catch (error) {
    check("cause", ((error as SyntaxFault & { cause?: Error }).cause as Error).message);
  }
}

async function checkQueue(): Promise<void> {
  const queue = new AsyncQueue({ width: 2 });
  const order: string[] = [];
  const job = (name: string, ms: number) => async () => {
    order.push(`+${name}`);
    await sleep(ms);
    order.push(`-${name}`);
    return name.toUpperCase();
  };
  const results = Promise.all([
    queue.add(job("a", 300)),
    queue.add(job("b", 40)),
    queue.add(job("c", 40)),
    queue.add(job("d", 40), { priority: 5 }),
    queue.add(() => "sync"),
  ]);
  check("size", queue.size);
  check("done", await results);
  check("order", order.join(" "));
  check("peak", [queue.peak, queue.width]);
  const failing = await queue
    .add(() => Promise.reject(new Error("no")))
    .catch((error: Error) => error.message);
  check("failed", failing);
  const thrown = await queue
    .add(() => {
      throw new TypeError("bad");
    })
    .then(
      () => "fine",
      (error: unknown) => error instanceof TypeError,
    );
  check("thrown", thrown);
  void queue.add(() => sleep(3));
  await queue.idle();
  check("idle", queue.size);
  await queue.idle();
  check("width", new AsyncQueue().width);
}

function checkSorting(): void {
  interface Device {
    name: string;
    room: string;
    rank?: number;
  }
  const devices: Device[] = [
    { name: "lamp", room: "hall", rank: 2 },
    { name: "Fan", room: "attic" },
    { name: "door", room: "hall", rank: 1 },
    { name: "sensor", room: "attic", rank: 2 },
    { name: "bell", room: "hall", rank: 2 },
  ];
  const by =
    <T>(...keys: ((item: T) => string | number)[]) =>
    (a: T, b: T): number => {
      for (const key of keys) {
        const [x, y] = [key(a), key(b)];
        if (x !== y) return x < y ? -1 : 1;
      }
      return 0;
    };
  const names = (list: readonly Device[]) => list.map(({ name }) => name).join(" ");
  check(
    "by room and rank",
    names(
      [...devices].sort(
        by<Device>(
          ({ room }) => room,
          ({ rank = 0 }) => -rank,
        ),
      ),
    ),
  );
  check("stable", names([...devices].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))));
  check("without case", names(devices.slice().sort(by<Device>(({ name }) => name.toLowerCase()))));
  check("locale", names([...devices].sort((a, b) => a.name.localeCompare(b.name))));
  check("plain", [[10, 9, 1].sort(), ["b", "B", "a"].sort(), [3, 1, 2].sort((a, b) => b - a)]);
  check("kept order", names(devices));
  check("copies", [[3, 1, 2].toSorted(), [1, 2, 3].toReversed()]);
  const rooms: Record<string, Device[]> = {};
  for (const device of devices) (rooms[device.room] ||= []).push(device);
  check(
    "rooms",
    Object.entries(rooms).map(([room, { length }]) => `${room}=${length}`),
  );
  const { room: where, rank: level = 0, ...rest } = devices[1] as Device;
  check("rest", [where, level, rest]);
}

async function main(): Promise<void> {
  checkTokens();
  checkParser();
  checkCache();
  await checkCommands();
  await checkQueue();
  checkSorting();
  finish();
}

main().catch((error: Error) => console.log(`check failed: ${error.message}`));
