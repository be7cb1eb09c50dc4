import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OrderCheck } from "../../registry/orders/order-check-request.ts";
import type { RestrictReason } from "../../registry/orders/order-request.ts";
import type { ActProps } from "./act-card.tsx";
import { ActForm } from "./act-form.tsx";
import { OrderSent } from "./act-order.tsx";
import { CheckResult } from "./check-result.tsx";
import { Choice, Field } from "./form-parts.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { useServer } from "./server.ts";

const LEVELS = ["limited", "full"] as const;
type Level = (typeof LEVELS)[number];
const REASONS: readonly RestrictReason[] = ["overdue", "theft_reported", "fraud", "returned"];

/**
 * Restricting a phone: first what would become of it, then the question whether it is this phone, then the order. Another level, reason or
 * note is another order, and is checked anew.
 */
export function RestrictAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { admin, console: registry } = useServer();
	const { contract, terms } = story;
	const [level, setLevel] = useState<Level>();
	const [reason, setReason] = useState<RestrictReason>();
	const [note, setNote] = useState("");
	const [checked, setChecked] = useState<OrderCheck>();
	const [problem, setProblem] = useState<unknown>();
	const [isChecking, setChecking] = useState(false);
	const turn = useRef(0);
	const change = <Value,>(set: (value: Value) => void) => {
		return (value: Value) => {
			turn.current += 1; // an answer to the order before says nothing of this one
			setChecked(undefined);
			setChecking(false);
			set(value);
		};
	};
	const allowed = LEVELS.filter((each) =>
		[terms.ladder.maxLevel, terms.jurisdiction.maxLevel].every((most) => rank(most) >= rank(each)),
	);
	const plain = note.trim();
	const order = level && reason && plain.length >= 3 ? ({ action: "restrict", level, reason, note: plain } as const) : undefined;
	const missing = !level ? t("restrict.level-missing") : !reason ? t("restrict.reason-missing") : t("restrict.note-missing");
	const check = async () => {
		if (!order || isChecking) return;
		turn.current += 1;
		const mine = turn.current;
		setChecking(true);
		try {
			const answer = await registry.checkOrder(contract.contractId, order);
			if (mine !== turn.current) return;
			setChecked(answer);
			setProblem(undefined);
		} catch (error) {
			if (mine === turn.current) setProblem(error);
		} finally {
			if (mine === turn.current) setChecking(false);
		}
	};
	const refuses = checked !== undefined && (!checked.wouldSend || checked.wouldObey === "no");
	const whyNot = !order ? missing : !checked ? t("restrict.check-first") : refuses ? t("restrict.refused") : undefined;
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("restrict.send")}
			whyNot={whyNot}
			isGrave
			confirm={{ story, what: t("restrict.confirm", { level: level ? t(`level.${level}`) : "" }) }}
			second={(requestId) => ({ kind: "fleet.breaker", subject: contract.contractId, request: { ...order, requestId } })}
			onSend={(requestId) => {
				if (!order) throw new Error("nothing was checked");
				return admin.issueOrder(contract.contractId, { ...order, requestId });
			}}
			done={(sent) => <OrderSent order={sent} />}
		>
			{allowed.length === 0 && <p className="note warn">{t("restrict.none-allowed")}</p>}
			<Choice
				legend={t("restrict.level")}
				value={level}
				options={allowed.map((name) => ({ name, text: t(`level.${name}`), hint: t(`restrict.${name}-hint`) }))}
				onChoose={change(setLevel)}
			/>
			<Choice
				legend={t("records.reason")}
				value={reason}
				options={REASONS.map((name) => ({ name, text: t(`reason.${name}`), hint: t(`restrict.${name}-hint`) }))}
				onChoose={change(setReason)}
			/>
			<Field label={t("restrict.note")} hint={t("restrict.note-hint")}>
				{(field) => (
					<textarea {...field} rows={2} maxLength={500} value={note} onChange={(event) => change(setNote)(event.target.value)} />
				)}
			</Field>
			<div className="row">
				<button type="button" aria-disabled={!order || isChecking} onClick={() => void check()}>
					{isChecking ? t("restrict.checking") : t("restrict.check")}
				</button>
			</div>
			<ProblemNote problem={problem} />
			<div role="status">{checked && <CheckResult check={checked} offset={terms.quietHours?.utcOffsetMinutes} />}</div>
		</ActForm>
	);
}

function rank(level: string): number {
	return ["none", "limited", "full"].indexOf(level);
}
