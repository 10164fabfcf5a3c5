/** A press that lasts longer is no click: a window may also have been left with the button down. */
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
  // The click comes right behind the release.
  setTimeout(() => {
    // A new press has begun meanwhile, and its release does it.
    if (isPressed) return;
    for (const change of waiting.splice(0)) change();
  });
}

/** To be called once, before anything is drawn. */
export function watchPresses(target: Document): void {
  target.addEventListener("pointerdown", press, true);
  target.addEventListener("pointerup", release, true);
  target.addEventListener("pointercancel", release, true);
}

/**
 * Changes what is drawn, but not between press and release: rows would move on under the pointer, and a click is of what was
 * under it at both.
 */
export function afterPress(change: () => void): void {
  if (isPressed) waiting.push(change);
  else change();
}
