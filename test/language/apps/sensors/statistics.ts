export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export const mean = (values: readonly number[]): number =>
  values.length ? sum(values) / values.length : Number.NaN;

export function median(values: Iterable<number>): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

export const movingAverage = (width: number) => {
  const window: number[] = [];
  return (value: number): number => {
    window.push(value);
    if (window.length > width) window.shift();
    return mean(window);
  };
};

export function histogram<K extends string>(values: readonly number[], bands: Record<K, [number, number]>) {
  const counts = {} as Record<K, number>;
  for (const [name, [low, high]] of Object.entries(bands) as [K, [number, number]][]) {
    counts[name] = values.filter((value) => value >= low && value < high).length;
  }
  return counts;
}

export const round = (value: number, digits = 2): number => Math.round(value * 10 ** digits) / 10 ** digits;

export function minMax(values: readonly number[]): { min: number; max: number } {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}
