import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Modal } from "./modal.tsx";
import { ProblemText } from "./problem-text.tsx";

export interface FormDialogProps {
  readonly title: string;
  /** The label of the submit button. */
  readonly action: string;
  /** The action cannot be undone. */
  readonly isDangerous?: boolean;
  /** If it rejects, the dialog stays open and shows the error. */
  readonly onSubmit: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A dialog with a form, whose submit button sends a request to the hub. It shows the hub's error. */
export function FormDialog(props: FormDialogProps) {
  const { title, action, isDangerous = false, onSubmit, onClose, children } = props;
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
          <button
            type="submit"
            class={isDangerous ? "button danger" : "button primary"}
            aria-disabled={isBusy}
          >
            {action}
          </button>
        </div>
      </form>
    </Modal>
  );
}
