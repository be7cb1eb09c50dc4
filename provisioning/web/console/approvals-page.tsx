import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Check } from "typebox/value";
import type { Approval } from "../../registry/access/approval-request.ts";
import { OrderRequest } from "../../registry/api.ts";
import { FleetExtendRequest, FleetSettingsChange } from "../../registry/fleet/fleet-request.ts";
import { Fact } from "./contract-facts.tsx";
import { Field } from "./form-parts.tsx";
import { doPersonAct } from "./person-act.ts";
import { ProblemNote } from "./problem-note.tsx";
import { type Server, useServer } from "./server.ts";
import { Badge, type Tone } from "./standing-badge.tsx";
import { useLoad } from "./use-load.ts";
import { useLink } from "./use-place.ts";
import { When } from "./when.tsx";

/** What the parts of a request for an order are called elsewhere on the page; others keep the name that the registry gives them. */
const PARTS: Readonly<Record<string, string>> = {
	action: "records.order",
	level: "restrict.level",
	reason: "records.reason",
	note: "restrict.note",
};

const TONES: Readonly<Record<Approval["state"], Tone>> = {
	asked: "warn",
	approved: "good",
	refused: "bad",
	done: "good",
	expired: "plain",
};

/** What waits for a second person, and what became of it. */
export function ApprovalsPage() {
	const { t } = useTranslation();
	const { approvals } = useServer();
	const [isOpenOnly, setOpenOnly] = useState(true);
	const { value, problem, again } = useLoad(`approvals/${isOpenOnly}`, () => approvals.list({ open: isOpenOnly }));
	return (
		<section className="stack" aria-labelledby="approvals-heading">
			<div className="row head">
				<h2 id="approvals-heading" className="grow">
					{t("views.approvals")}
				</h2>
				<label className="option">
					<input type="checkbox" checked={isOpenOnly} onChange={(event) => setOpenOnly(event.target.checked)} />
					<span>{t("approvals.open-only")}</span>
				</label>
				<button type="button" onClick={again}>
					{t("contract.refresh")}
				</button>
			</div>
			<p>{t("approvals.what")}</p>
			<ProblemNote problem={problem} onRetry={again} />
			{!value && problem === undefined && <p role="status">{t("loading")}</p>}
			{value?.length === 0 && <p className="card">{t("approvals.none")}</p>}
			{value?.map((approval) => (
				<ApprovalCard key={approval.approvalId} approval={approval} onDone={again} />
			))}
		</section>
	);
}

function ApprovalCard({ approval, onDone }: { readonly approval: Approval; readonly onDone: () => void }) {
	const { t, i18n } = useTranslation();
	const server = useServer();
	const link = useLink();
	const [note, setNote] = useState("");
	const [problem, setProblem] = useState<unknown>();
	const [isBusy, setBusy] = useState(false);
	const { approvalId, requestSha256, kind, subject, state } = approval;
	const isOwn = approval.askedBy.personId === server.session.personId;
	const run = async (act: () => Promise<unknown>) => {
		if (isBusy) return;
		setBusy(true);
		try {
			await act();
			setProblem(undefined);
			onDone();
		} catch (error) {
			setProblem(error);
		} finally {
			setBusy(false);
		}
	};
	const decision = { requestSha256, ...(note.trim() === "" ? {} : { note: note.trim() }) };
	const act = isOwn && state === "approved" ? actOf(server, approval) : undefined;
	return (
		<article className="card" aria-label={`${kind} ${subject}`}>
			<p className="row">
				<Badge tone={TONES[state]} text={t(`approval-state.${state}`)} />
				<strong>
					{i18n.exists(`approval-kind.${kind.replace(".", "-")}`) ? t(`approval-kind.${kind.replace(".", "-")}`) : kind}
				</strong>
			</p>
			<dl className="facts">
				<Fact name={t("approvals.subject")}>
					{kind === "fleet.breaker" ? <a {...link({ view: "contract", contractId: subject })}>{subject}</a> : subject}
				</Fact>
				<Fact name={t("approvals.asked-by")}>
					{approval.askedBy.name} · <When at={approval.askedAtUnixSeconds} withDistance />
				</Fact>
				<Fact name={t("approvals.reason")}>{approval.reason}</Fact>
				<Fact name={t("approvals.void")}>
					<When at={approval.expiresAtUnixSeconds} withDistance />
				</Fact>
				{approval.decidedBy && (
					<Fact name={t("approvals.decided-by")}>
						{approval.decidedBy.name} {approval.note}
					</Fact>
				)}
				{Object.entries(approval.request).map(([name, value]) => (
					<Fact key={name} name={PARTS[name] === undefined ? name : t(PARTS[name])}>
						{typeof value === "string" && i18n.exists(`${name}.${value}`) ? (
							t(`${name}.${value}`)
						) : (
							<code className="value">{typeof value === "string" ? value : JSON.stringify(value)}</code>
						)}
					</Fact>
				))}
			</dl>
			{approval.mayDecide && (
				<>
					<p className="note plain">{t("approvals.care")}</p>
					<Field label={t("approvals.note")}>
						{(field) => <input {...field} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />}
					</Field>
					<div className="row">
						<button
							type="button"
							className="main-button"
							aria-disabled={isBusy}
							onClick={() => void run(() => server.approvals.approve(approvalId, decision))}
						>
							{t("approvals.approve")}
						</button>
						<button
							type="button"
							aria-disabled={isBusy}
							onClick={() => void run(() => server.approvals.refuse(approvalId, decision))}
						>
							{t("approvals.refuse")}
						</button>
					</div>
				</>
			)}
			{isOwn && state === "asked" && (
				<div className="row">
					<button
						type="button"
						aria-disabled={isBusy}
						onClick={() => void run(() => server.approvals.refuse(approvalId, decision))}
					>
						{t("approvals.take-back")}
					</button>
				</div>
			)}
			{act && (
				<div className="row">
					<button type="button" className="main-button" aria-disabled={isBusy} onClick={() => void run(act)}>
						{t("approvals.do-it")}
					</button>
				</div>
			)}
			<ProblemNote problem={problem} />
		</article>
	);
}

/** How an approved act is done, exactly as it was approved; `undefined` for a kind that this page does not do. */
function actOf(
	{ admin, console: registry, access }: Server,
	{ kind, subject, request }: Approval,
): (() => Promise<unknown>) | undefined {
	if (kind === "fleet.breaker" && Check(OrderRequest, request)) return () => admin.issueOrder(subject, request);
	if (kind === "fleet.settings" && Check(FleetSettingsChange, request)) return () => registry.changeFleetSettings(request);
	if (kind === "fleet.extend" && Check(FleetExtendRequest, request)) return () => registry.extendFleet(request);
	return kind === "people.admin" ? doPersonAct(access, request) : undefined;
}
