export interface CopyButtonProps {
  readonly text: string;
  /** Name of the copied text for the outcome, such as `ID of pump`. */
  readonly label: string;
  /** Gets the outcome as a text for the user. */
  readonly onOutcome: (text: string) => void;
}

export function CopyButton({ text, label, onOutcome }: CopyButtonProps) {
  const copy = async (): Promise<void> => {
    try {
      // Browsers give no clipboard to pages that come by plain HTTP from another computer.
      await navigator.clipboard.writeText(text);
      onOutcome(`Copied: ${label}`);
    } catch {
      onOutcome("The browser does not let this page copy text. Select the text and copy it yourself.");
    }
  };
  return (
    <button type="button" class="button small" onClick={() => void copy()}>
      Copy<span class="hidden"> {label}</span>
    </button>
  );
}
