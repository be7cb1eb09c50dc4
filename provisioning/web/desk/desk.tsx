import { lazy, Suspense, useReducer, useState } from "react";
import { useTranslation } from "react-i18next";

import type { EnrollmentStatus } from "../../procedure/registry-port.ts";
import type { SessionView } from "../../registry/access/access-request.ts";
import type { Enrollment } from "../../registry/api.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import { pageAddress } from "../frame/session.ts";
import { ContractCard } from "./contract-card.tsx";
import type { ContractForm } from "./contract-form.ts";
import type { PreparedContract } from "./contract-work.ts";
import type { DeskRunEnd } from "./enroll-run.ts";
import { keepWork, readWork } from "./kept-work.ts";
import { NetworkLine } from "./offline/network-line.tsx";
import { NewerVersion } from "./offline/newer-version.tsx";
import { useRoad, WithRoad } from "./offline/road-context.tsx";
import { PreflightCard } from "./preflight-card.tsx";
import { TermsCard, type TermsSubject } from "./terms-card.tsx";

// What the first screen does not show is fetched when it is needed: a shop's line may be slow.
const PhoneCard = lazy(async () => ({ default: (await import("./phone-card.tsx")).PhoneCard }));
const ReceiptCard = lazy(async () => ({ default: (await import("./receipt-card.tsx")).ReceiptCard }));

/** Where a sale stands. */
type Stage =
	| { readonly at: "preflight" }
	| { readonly at: "contract" }
	| { readonly at: "terms"; readonly subject: TermsSubject }
	| { readonly at: "phone"; readonly contract: PreparedContract }
	| { readonly at: "queued"; readonly contract: PreparedContract }
	| { readonly at: "receipt"; readonly contract: PreparedContract; readonly status: EnrollmentStatus; readonly end: DeskRunEnd };

const QueuedCard = lazy(async () => ({ default: (await import("./offline/queued-card.tsx")).QueuedCard }));
const GetReadyCard = lazy(async () => ({ default: (await import("./offline/get-ready-card.tsx")).GetReadyCard }));

const STAGES = ["preflight", "contract", "terms", "phone", "receipt"] as const;

/** The shop clerk's page: one phone at a time, from the contract to the receipt. */
export function Desk({ session }: { readonly session: SessionView }) {
	const [address] = useState(pageAddress);
	return (
		<WithRoad address={address}>
			<Sale address={address} session={session} />
		</WithRoad>
	);
}

/** One sale after the other. */
function Sale({ address, session }: { readonly address: RegistryAddress; readonly session: SessionView }) {
	const { t } = useTranslation();
	const [stage, go] = useReducer((_: Stage, next: Stage) => next, { at: "preflight" });
	const [draft, setDraft] = useState<ContractForm>();
	const { road } = useRoad();
	/** A contract whose phone is sealed needs no cable any more: its receipt is what is left. */
	const orReceipt = (contract: PreparedContract, next: Stage) => {
		const { enrollment } = contract.contract;
		if (enrollment?.state !== "sealed") return go(next);
		finished(enrollment.contractId);
		go({ at: "receipt", contract, status: statusOf(enrollment), end: { isSealed: true } });
	};
	/** Nothing more is to be done with this contract's phone. */
	const finished = (contractId: string) => {
		keepWork(undefined);
		void road.then((open) => open.forget(contractId)).catch(unlessFault);
	};
	const leave = () => {
		keepWork(undefined);
		go({ at: "contract" });
	};
	const finish = async (contractId: string) => {
		const contract = await (await road).contract(contractId);
		orReceipt(contract, { at: "phone", contract });
	};
	const shown = stage.at === "queued" ? "phone" : stage.at;
	return (
		<>
			<div className="stack no-print">
				<NetworkLine />
				<NewerVersion isBusy={stage.at !== "preflight" && stage.at !== "contract"} />
			</div>
			<ol className="stages no-print" aria-label={t("stages.label")}>
				{STAGES.map((name) => (
					<li key={name} aria-current={name === shown ? "step" : undefined}>
						{t(`stages.${name}`)}
					</li>
				))}
			</ol>
			{stage.at === "preflight" && <PreflightCard address={address} onGood={() => go({ at: "contract" })} />}
			<Suspense fallback={<p role="status">{t("contract.looking")}</p>}>
				{stage.at === "contract" && (
					<ContractCard
						kept={readWork()}
						draft={draft}
						onDraft={setDraft}
						onSubject={(subject) => {
							if (subject.kind === "new") go({ at: "terms", subject });
							else orReceipt(subject.prepared, { at: "terms", subject });
						}}
						onResume={(contract) => orReceipt(contract, { at: "phone", contract })}
						onForget={() => keepWork(undefined)}
					>
						{(use) => (
							<Suspense>
								<GetReadyCard session={session} onUse={use} />
							</Suspense>
						)}
					</ContractCard>
				)}
				{stage.at === "terms" && (
					<TermsCard
						address={address}
						subject={stage.subject}
						onBack={leave}
						onAgreed={(contract) => {
							setDraft(undefined);
							keepWork({ contractId: contract.contract.contractId });
							go({ at: "phone", contract });
						}}
					/>
				)}
				{stage.at === "phone" && (
					<PhoneCard
						contract={stage.contract}
						operator={session.name ?? session.actor}
						onBack={leave}
						onQueued={() => {
							keepWork(undefined);
							go({ at: "queued", contract: stage.contract });
						}}
						onDone={(end, status) => {
							finished(status.contractId);
							go({ at: "receipt", contract: stage.contract, status, end });
						}}
					/>
				)}
				{stage.at === "queued" && (
					<QueuedCard
						contractId={stage.contract.contract.contractId}
						onFinish={() => void finish(stage.contract.contract.contractId).catch(() => leave())}
						onNext={leave}
					/>
				)}
				{stage.at === "receipt" && (
					<ReceiptCard address={address} contract={stage.contract} status={stage.status} end={stage.end} onNext={leave} />
				)}
			</Suspense>
		</>
	);
}

function unlessFault(error: unknown): void {
	if (!(error instanceof Error && error.name === "FaultError")) throw error;
}

function statusOf(enrollment: Enrollment): EnrollmentStatus {
	const { enrollmentId, deviceId, contractId, imei1, imei2, serial, state, bindingSha256, deviceKeyId } = enrollment;
	return {
		enrollmentId,
		deviceId,
		contractId,
		imei1,
		serial,
		state,
		bindingSha256,
		...(imei2 === undefined ? {} : { imei2 }),
		...(deviceKeyId === undefined ? {} : { deviceKeyId }),
	};
}
