export interface CopyButtonProps {
  readonly text: string;
  /** What is copied, as `ID of pump`. */
  readonly what: string;
  /** How it went, in words. */
  readonly onOutcome: (words: string) => void;
}

export function CopyButton({ text, what, onOutcome }: CopyButtonProps) {
  const copy = async (): Promise<void> => {
    try {
      // Browsers have no clipboard for pages that come by plain HTTP from another machine.
      await navigator.clipboard.writeText(text);
      onOutcome(`Copied: ${what}`);
    } catch {
      onOutcome("The browser lets this page copy nothing: select the text, and copy it by hand");
    }
  };
  return (
    <button type="button" class="button small" onClick={() => void copy()}>
      Copy<span class="hidden"> {what}</span>
    </button>
  );
}
