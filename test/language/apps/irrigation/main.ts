import { check, checkThrows, finish, sleep } from "../check.ts";
import { IrrigationError, TimeoutError, ValveError } from "./errors.ts";
import { Day, dayName, formatTime, Schedule, type Slot, startsOf, take } from "./schedule.ts";
import { retry, withTimeout } from "./waiting.ts";
import { DripZone, SprinklerZone, Zone, type ZoneEvent, ZoneState } from "./zones.ts";

const describeEvent = (event: ZoneEvent): string => {
  switch (event.kind) {
    case "opened":
      return `${event.zone} opened at ${event.flow} l/min`;
    case "closed":
      return `${event.zone} closed with ${event.litres} l`;
    case "fault":
      return `${event.zone} failed: ${event.reason}`;
    default: {
      const never: never = event;
      return never;
    }
  }
};

function checkSchedule(): void {
  const { Monday, Wednesday, Saturday } = Day;
  const morning: Slot = { days: [Monday, Wednesday], hour: 6, minutes: 20 };
  const evening: Slot = { days: [Saturday], hour: 19, minute: 5, minutes: 45 };
  const from = new Date(Date.UTC(2024, 1, 27, 12));
  const schedule = new Schedule().add("lawn", morning, evening).add("beds", { ...morning, minute: 30 });

  check("zones", schedule.zones);
  check("minutes a week", schedule.minutesPerWeek);
  check("formatted", [formatTime(morning), formatTime(evening), formatTime({ hour: 0 })]);
  check("day names", [Monday, Saturday, Day.Sunday].map(dayName));
  check(
    "starts",
    [...take(4, startsOf(morning, from))].map((start) => start.toISOString().slice(0, 16)),
  );
  check("no starts", [...take(0, startsOf(morning, from))]);
  const [first, , third = null] = take(3, startsOf(evening, from));
  check("picked starts", [first?.getUTCDate(), third?.getUTCMonth()]);
  check("upcoming", schedule.upcoming(from));
  check(
    "more upcoming",
    schedule.upcoming(from, 7).map(({ zone, at }) => `${at.slice(5, 10)} ${zone}`),
  );
  checkThrows("too long", () => schedule.add("roof", { days: [], hour: 1, minutes: 121 }));
  check("zones stay", schedule.zones.length);
  const gap = new Date("2024-03-01T00:00:00Z").getTime() - new Date("2024-02-28T00:00:00Z").getTime();
  check("leap days", gap / 86_400_000);
  check(
    "values of days",
    Object.values(Day).filter((day) => day % 2 === 0),
  );
  check(
    "keys of days",
    Object.keys(Day)
      .map((name) => name.slice(0, 2).toUpperCase())
      .join("/"),
  );
}

async function checkWaiting(): Promise<void> {
  check(
    "in time",
    await withTimeout(
      sleep(1).then(() => "done"),
      50,
    ),
  );
  try {
    await withTimeout(sleep(300), 20);
    check("late", "in time");
  } catch (error) {
    check("late", [
      error instanceof TimeoutError,
      error instanceof IrrigationError,
      (error as Error).message,
    ]);
  }
  const attempts: number[] = [];
  const answer = await retry(async (attempt) => {
    attempts.push(attempt);
    if (attempt < 2) throw new Error(`not yet ${attempt}`);
    return { attempt };
  });
  check("retried", { answer, attempts });
  const delays: number[] = [];
  const failed = await retry(() => Promise.reject(new Error("never")), {
    attempts: 4,
    backoff: (attempt) => {
      delays.push(2 ** attempt);
      return 1;
    },
  }).catch((error: Error) => error.message);
  check("gave up", [failed, delays]);
  check("one attempt", await retry(async () => "once", { attempts: 1 }));
  check(
    "no attempt",
    await retry(async () => 1, { attempts: 0 }).then(
      () => "ran",
      (reason) => reason ?? "nothing",
    ),
  );
}

async function checkZones(): Promise<void> {
  const lawn = new SprinklerZone("lawn", { flow: 12, failures: 2, limits: { litresMax: 150 } });
  const beds = new DripZone("beds");
  const roof = new SprinklerZone("roof", { failures: 9 });
  const log: string[] = [];
  const stops = [lawn, beds, roof].map((zone) => zone.listen((event) => log.push(describeEvent(event))));

  check("count", Zone.count);
  check(
    "ids",
    [lawn, beds, roof].map(({ id }) => id),
  );
  check("initial", [lawn.state, lawn.litres, lawn.full, beds.moisture ?? "dry"]);
  check("kinds", [lawn instanceof Zone, lawn instanceof SprinklerZone, beds instanceof SprinklerZone]);
  const given = await lawn.water(5);
  check("watered", [given, lawn.litres, lawn.state]);
  check("described", [lawn.describe(), beds.describe()]);
  check("limited", [await lawn.water(100), lawn.litres, lawn.full]);
  check("drip", [await beds.water(10), beds.moisture]);
  check("drip again", [await beds.water(200), beds.moisture, beds.litres]);
  try {
    await roof.water(3);
  } catch (error) {
    const { zone, attempts, message } = error as ValveError;
    check("stuck", { zone, attempts, message, valve: error instanceof ValveError });
  }
  check("fault", [roof.state, roof.state === ZoneState.Fault, roof.litres]);
  check("log", log);
  for (const stop of stops) stop();
  await beds.water(1);
  check("log is quiet", log.length);
  check("as JSON", JSON.stringify({ zones: [lawn, beds, roof] }));
  check("own keys", Object.keys(beds).sort());
  check("private is private", ["#litres" in lawn, JSON.stringify(Object.entries(roof))]);
}

async function checkTogether(): Promise<void> {
  const zones = new Map<string, Zone>([
    ["a", new SprinklerZone("a", { flow: 1 })],
    ["b", new SprinklerZone("b", { flow: 2, failures: 1 })],
    ["c", new DripZone("c")],
  ]);
  const results = await Promise.all([...zones.values()].map((zone, index) => zone.water(index + 1)));
  check("all", results);
  const settled = await Promise.allSettled([
    zones.get("a")?.water(1),
    new SprinklerZone("x", { failures: 5 }).water(1),
  ]);
  check(
    "settled",
    settled.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Error).message)),
  );
  check("first", await Promise.race([sleep(300).then(() => "slow"), sleep(1).then(() => "fast")]));
  const total = [...zones].reduce((sum, [, zone]) => sum + zone.litres, 0);
  check("total", total);
  const states = new Set([...zones.values()].map(({ state }) => state));
  check("states", [...states]);
  const callbacks: (() => string)[] = [];
  for (const [index, [name, zone]] of [...zones].entries())
    callbacks.push(() => `${index}${name}${zone.litres}`);
  for (let i = 0; i < 3; i++) callbacks.push(() => `${i}`);
  check(
    "closures",
    callbacks.map((call) => call()),
  );
  const ordered: number[] = [];
  for (const delayMs of [90, 10, 50]) setTimeout(() => ordered.push(delayMs), delayMs);
  await sleep(150);
  check("timers", ordered);
}

interface Settings {
  name?: string;
  wifi?: { ssid: string; retries?: number };
  zones?: Record<string, { flow?: number; slots?: [hour: number, minutes: number][] }>;
}

function checkSettings(): void {
  const text = '{"name":"garden","zones":{"lawn":{"flow":12,"slots":[[6,20],[18,10]]},"beds":{}}}';
  const settings: Settings = JSON.parse(text);
  const {
    name = "none",
    wifi: { ssid = "open", retries = 5 } = {} as NonNullable<Settings["wifi"]>,
    zones = {},
  } = settings;
  check("settings", [name, ssid, retries]);
  check("optional", [
    settings.wifi?.ssid.length ?? -1,
    settings.zones?.lawn?.slots?.[1]?.[0],
    settings.zones?.roof?.flow ?? "none",
  ]);
  const plan = Object.entries(zones).flatMap(([zone, { flow = 1, slots = [] }]) =>
    slots.map(([hour, minutes]) => `${zone}@${hour}=${(flow * minutes).toFixed(2)}`),
  );
  check("plan", plan);
  settings.wifi ??= { ssid: "home" };
  settings.wifi.retries ??= 3;
  settings.name &&= settings.name.toUpperCase();
  settings.wifi.ssid ||= "never";
  check("assigned", settings);
  const copy: Settings = { ...settings, wifi: { ...settings.wifi, ssid: "away" } };
  check("copied", [copy.wifi?.ssid, settings.wifi.ssid, copy.zones === settings.zones]);
  checkThrows("bad text", () => {
    try {
      JSON.parse("{nothing");
    } catch {
      throw new IrrigationError("settings are no JSON");
    }
  });
  check("indented", JSON.stringify({ a: [1, { b: null }], c: "d" }, null, 2).split("\n"));
}

async function main(): Promise<void> {
  checkSchedule();
  await checkWaiting();
  await checkZones();
  await checkTogether();
  checkSettings();
  finish();
}

main().catch((error: Error) => console.log(`check failed: ${error.message}`));
