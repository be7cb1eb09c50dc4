import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { Dialog } from "../frame/dialog.tsx";
import { type OpenDialog, type SupervisorAct, usePage } from "./page-context.ts";
import { TYPED_COUNT_ABOVE } from "./slot-acts.ts";
import { SupervisorDialog } from "./supervisor-dialog.tsx";
import { Icon } from "./word-icon.tsx";

interface DialogsProps {
	readonly dialog: OpenDialog;
	readonly onClose: () => void;
}

/** Whichever question is open. */
export function Dialogs({ dialog, onClose }: DialogsProps) {
	switch (dialog.kind) {
		case "supervisor":
			return <SupervisorDialog act={dialog.act satisfies SupervisorAct} onClose={onClose} />;
		case "reason":
			return <ReasonDialog dialog={dialog} onClose={onClose} />;
		case "bulk":
			return <BulkDialog dialog={dialog} onClose={onClose} />;
		case "sign-in":
			return <SignInDialog onClose={onClose} />;
		case "close-batch":
			return <CloseBatchDialog onClose={onClose} />;
	}
}

type Of<Kind extends OpenDialog["kind"]> = { readonly dialog: Extract<OpenDialog, { kind: Kind }>; readonly onClose: () => void };

function ReasonDialog({ dialog, onClose }: Of<"reason">) {
	const { t } = useTranslation();
	const { perform } = usePage();
	const [reason, setReason] = useState("");
	const { act, contractId, slot } = dialog;
	return (
		<Dialog
			heading={t(`ask.${act}`, { slot, contract: contractId })}
			onClose={onClose}
			sendText={t(`act.${act}`)}
			canSend={reason.trim().length >= 3}
			onSend={async () => (await perform({ type: act, contractId, reason: reason.trim() })).ok}
		>
			<ReasonField value={reason} onChange={setReason} />
		</Dialog>
	);
}

/** Why, in the person's own words, for the journal. */
export function ReasonField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
	const { t } = useTranslation();
	const id = useId();
	return (
		<p className="field">
			<label htmlFor={id}>{t("ask.reason")}</label>
			<input
				id={id}
				value={value}
				maxLength={200}
				required
				minLength={3}
				autoComplete="off"
				onChange={(event) => onChange(event.target.value)}
			/>
		</p>
	);
}

/** The list is what the person saw when it opened. More than five: they count them. */
function BulkDialog({ dialog, onClose }: Of<"bulk">) {
	const { t } = useTranslation();
	const { perform } = usePage();
	const id = useId();
	const [typed, setTyped] = useState("");
	const { act, slots } = dialog;
	const mustType = slots.length > TYPED_COUNT_ABOVE;
	return (
		<Dialog
			heading={t(`ask.${act}`, { count: slots.length })}
			onClose={onClose}
			sendText={t(`act.${act}`)}
			canSend={slots.length > 0 && (!mustType || Number(typed) === slots.length)}
			onSend={async () => (await perform({ type: act, slots: slots.map(({ slot }) => slot), count: slots.length })).ok}
			isGrave={act === "stop"}
		>
			<p>{t("ask.frozen", { count: slots.length })}</p>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reached by the keyboard */}
			<ul className="frozen" tabIndex={0} aria-label={t("ask.list")}>
				{slots.map(({ slot, word, imeiTail }) => (
					<li key={slot}>
						<strong>{slot}</strong> {imeiTail && `…${imeiTail}`} <Icon name={word} /> {t(`word.${word}`)}
					</li>
				))}
			</ul>
			{mustType && (
				<p className="field">
					<label htmlFor={id}>{t("ask.count")}</label>
					<input
						id={id}
						inputMode="numeric"
						autoComplete="off"
						value={typed}
						onChange={(event) => setTyped(event.target.value)}
					/>
				</p>
			)}
		</Dialog>
	);
}

function SignInDialog({ onClose }: { readonly onClose: () => void }) {
	const { t } = useTranslation();
	const { perform, takeScans } = usePage();
	const id = useId();
	const [badge, setBadge] = useState("");
	const signIn = async (text: string) => (await perform({ type: "scan", text })).ok;
	useEffect(
		() =>
			takeScans((text) => {
				void perform({ type: "scan", text }).then(({ ok }) => ok && onClose());
			}),
		[takeScans, perform, onClose],
	);
	return (
		<Dialog
			heading={t("ask.signIn")}
			onClose={onClose}
			sendText={t("ask.signInSend")}
			canSend={badge.length >= 6}
			onSend={() => signIn(badge)}
		>
			<p className="field">
				<label htmlFor={id}>{t("ask.ownBadge")}</label>
				<input
					id={id}
					className="secret"
					spellCheck={false}
					autoComplete="off"
					maxLength={128}
					value={badge}
					onChange={(event) => setBadge(event.target.value)}
				/>
			</p>
		</Dialog>
	);
}

function CloseBatchDialog({ onClose }: { readonly onClose: () => void }) {
	const { t } = useTranslation();
	const { view, perform } = usePage();
	const [figures] = useState(view.batch.figures); // as they were when it opened
	return (
		<Dialog
			heading={t("ask.closeBatch", { batch: view.batch.id })}
			onClose={onClose}
			sendText={t("end.close")}
			canSend
			isGrave
			onSend={async () => (await perform({ type: "close-batch" })).ok}
		>
			<p>
				{t("ask.closeBatchText", { done: figures.pass + figures.queued, expected: figures.expected, missing: figures.missing })}
			</p>
		</Dialog>
	);
}
