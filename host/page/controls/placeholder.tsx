import type { ComponentChildren } from "preact";

/** A view that shows only a text. */
export function Placeholder({ children }: { children: ComponentChildren }) {
  return (
    <main class="columns columns-one">
      <p class="empty" role="status">
        {children}
      </p>
    </main>
  );
}
