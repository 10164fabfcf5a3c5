/** A longer press is not a click: the pointer may also have left the window with the button down. */
const PRESS_MS_MAX = 3_000;

let isPressed = false;
let timer: ReturnType<typeof setTimeout> | undefined;
const waiting: (() => void)[] = [];

function press(): void {
  isPressed = true;
  clearTimeout(timer);
  timer = setTimeout(release, PRESS_MS_MAX);
}

function release(): void {
  clearTimeout(timer);
  isPressed = false;
  // The click event follows immediately after the release.
  setTimeout(() => {
    // If a new press has begun, its release applies the changes.
    if (isPressed) return;
    for (const change of waiting.splice(0)) change();
  });
}

/** Call it once, before the first render. */
export function watchPresses(target: Document): void {
  target.addEventListener("pointerdown", press, true);
  target.addEventListener("pointerup", release, true);
  target.addEventListener("pointercancel", release, true);
}

/**
 * Applies a change of the page, but not between press and release. Otherwise rows would move under the pointer, and a click
 * needs the same element at press and release.
 */
export function afterPress(change: () => void): void {
  if (isPressed) waiting.push(change);
  else change();
}
