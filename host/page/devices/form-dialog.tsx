import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Modal } from "./modal.tsx";
import { ProblemText } from "./problem-text.tsx";

export interface FormDialogProps {
  readonly title: string;
  /** What the button that does it says. */
  readonly action: string;
  /** It cannot be taken back. */
  readonly isGrave?: boolean;
  /** Where it rejects, the dialog stays and says why. */
  readonly onSubmit: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A question to the hub: what is asked, a button that does it, and what the hub said against it. */
export function FormDialog({ title, action, isGrave = false, onSubmit, onClose, children }: FormDialogProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Error>();
  const submit = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await onSubmit();
    } catch (error) {
      setProblem(error as Error);
      setBusy(false);
    }
  };
  return (
    <Modal title={title} onClose={onClose}>
      <form
        class="modal-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {children}
        <ProblemText error={problem} />
        <div class="modal-end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={isGrave ? "button grave" : "button primary"} aria-disabled={isBusy}>
            {action}
          </button>
        </div>
      </form>
    </Modal>
  );
}
