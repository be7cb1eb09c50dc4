import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import type { Signal } from "../../station/view.ts";
import { useToldFault } from "../faults/told-fault.ts";
import { UNREACHABLE } from "./commander.ts";
import { Icon } from "./word-icon.tsx";

/** Longer for what went wrong: a failure also stays in the list of those that nobody saw to. */
const SHOWN_MS = { good: 8_000, bad: 20_000 };

/** What was signalled last, or why the station did not do what was asked. */
export type Toast =
	| Signal
	| {
			readonly kind: "refused";
			readonly code: string;
			readonly text: string;
			readonly remedy: string;
			readonly slot?: undefined;
	  };

interface SignalToastProps {
	readonly toast: Toast | undefined;
	readonly onClose: () => void;
}

const ICONS = { ok: "pass", operator: "unauthorised", device: "fail", station: "error", refused: "stop" } as const;

/** The twin of a sound. */
export function SignalToast({ toast, onClose }: SignalToastProps) {
	const { t } = useTranslation();
	useEffect(() => {
		if (!toast) return;
		const timer = setTimeout(onClose, toast.kind === "ok" ? SHOWN_MS.good : SHOWN_MS.bad);
		return () => clearTimeout(timer);
	}, [toast, onClose]);
	const isGood = toast === undefined || toast.kind === "ok";
	return (
		<div className="toast-place">
			<div role="status">{toast && isGood && <ToastBody toast={toast} />}</div>
			<div role="alert">{toast && !isGood && <ToastBody toast={toast} />}</div>
			{toast && (
				<button type="button" className="icon-button toast-close" aria-label={t("dialog.close")} onClick={onClose}>
					<Icon name="close" />
				</button>
			)}
		</div>
	);
}

function ToastBody({ toast }: { readonly toast: Toast }) {
	const { t } = useTranslation();
	const isRefusal = toast.kind === "refused";
	// That nothing answered is the page's own sentence, in its own language.
	const isSaidByStation = isRefusal && toast.code !== UNREACHABLE;
	const told = useToldFault(isSaidByStation ? { code: toast.code, meaning: toast.text, remedy: toast.remedy } : undefined);
	return (
		<div className={`toast toast-${toast.kind}`}>
			<Icon name={ICONS[toast.kind]} />
			{toast.slot !== undefined && <strong className="toast-slot">{t("card.slot", { slot: toast.slot })}</strong>}
			<p lang={told?.language}>
				<strong>{told?.meaning ?? toast.text}</strong>
				{isRefusal && ` ${told?.remedy ?? toast.remedy}`}
			</p>
		</div>
	);
}
