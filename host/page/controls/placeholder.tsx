import type { ComponentChildren } from "preact";

/** A view that has nothing but words to show. */
export function Placeholder({ children }: { children: ComponentChildren }) {
  return (
    <main class="columns columns-one">
      <p class="empty" role="status">
        {children}
      </p>
    </main>
  );
}
