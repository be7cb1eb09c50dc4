import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

interface DialogProps {
	readonly heading: string;
	readonly children: ReactNode;
	readonly onClose: () => void;
	/** What is sent when the form is; the dialog stays open if it answers false. */
	readonly onSend: () => Promise<boolean>;
	readonly sendText: string;
	readonly canSend: boolean;
	readonly isGrave?: boolean;
}

/** A question over the page. Escape and Cancel close it, and the focus goes back to where it was. */
export function Dialog({ heading, children, onClose, onSend, sendText, canSend, isGrave = false }: DialogProps) {
	const { t } = useTranslation("frame");
	const id = useId();
	const dialog = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		const element = dialog.current;
		element?.showModal();
		return () => element?.close();
	}, []);
	return (
		<dialog ref={dialog} aria-labelledby={id} className={isGrave ? "dialog grave" : "dialog"} onClose={onClose}>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					if (canSend) void onSend().then((isDone) => isDone && onClose());
				}}
			>
				<h2 id={id}>{heading}</h2>
				{children}
				<div className="row end">
					<button type="button" onClick={onClose}>
						{t("cancel")}
					</button>
					<button type="submit" className="main-button" aria-disabled={!canSend}>
						{sendText}
					</button>
				</div>
			</form>
		</dialog>
	);
}
