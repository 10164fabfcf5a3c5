import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface ModalProps {
  readonly title: string;
  /** Called when the user closes the dialog with Escape. */
  readonly onClose: () => void;
  /** Escape does not close the dialog, because its content is shown only once. */
  readonly staysOpen?: boolean;
  readonly children: ComponentChildren;
}

/** A dialog that is open as long as it is rendered. The browser keeps the focus in it, and restores it afterwards. */
export function Modal({ title, onClose, staysOpen = false, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isShown = useRef(false);
  const titleId = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    isShown.current = true;
    return () => {
      isShown.current = false;
      shown?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="modal panel"
      aria-labelledby={titleId}
      onCancel={(event) => {
        // The browser would report its own closing late, when another dialog may be open.
        event.preventDefault();
        if (!staysOpen) onClose();
      }}
      onClose={() => {
        if (!isShown.current) return;
        // Browsers close any dialog if Escape is pressed repeatedly.
        if (staysOpen) dialog.current?.showModal();
        else onClose();
      }}
    >
      <div class="panel-head">
        <h2 id={titleId}>{title}</h2>
      </div>
      <div class="modal-body">{children}</div>
    </dialog>
  );
}
