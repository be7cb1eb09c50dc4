import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Fault, FaultError } from "../../handset/fault.ts";
import { ContractFields } from "./contract-fields.tsx";
import type { ContractForm } from "./contract-form.ts";
import type { PreparedContract } from "./contract-work.ts";
import { FaultCard } from "./fault-card.tsx";
import { Heading } from "./heading.tsx";
import type { KeptWork } from "./kept-work.ts";
import { useRoad } from "./offline/road-context.tsx";
import { UnfinishedCard } from "./offline/unfinished-card.tsx";
import type { TermsSubject } from "./terms-card.tsx";

interface ContractCardProps {
	/** Work that was under way when the page was left. */
	readonly kept: KeptWork | undefined;
	readonly draft: ContractForm | undefined;
	readonly onDraft: (form: ContractForm) => void;
	readonly onSubject: (subject: TermsSubject) => void;
	readonly onResume: (contract: PreparedContract) => void;
	readonly onForget: () => void;
	/** Beneath it. @param use looks a contract up, as if its number had been typed. */
	readonly children: (use: (contractId: string) => void) => ReactNode;
}

/** Finds a contract by its number, or takes a new one down. */
export function ContractCard({ kept, draft, onDraft, onSubject, onResume, onForget, children }: ContractCardProps) {
	const { t } = useTranslation();
	const [number, setNumber] = useState("");
	const [isNew, setNew] = useState(draft !== undefined);
	const [isBusy, setBusy] = useState(false);
	const [held, setHeld] = useState(kept);
	const [fault, setFault] = useState<Fault>();
	const { road, view } = useRoad();
	const find = async (contractId: string, found: (contract: PreparedContract) => void) => {
		setFault(undefined);
		setBusy(true);
		try {
			found(await (await road).contract(contractId));
		} catch (error) {
			if (!(error instanceof FaultError)) throw error;
			setFault(error.fault);
		} finally {
			setBusy(false);
		}
	};
	const use = (contractId: string) => {
		setNumber(contractId);
		if (!isBusy) void find(contractId, (prepared) => onSubject({ kind: "entered", prepared }));
	};
	return (
		<>
			{held && (
				<section className="card wait">
					<h2>{t("resume.heading")}</h2>
					<p>{t("resume.text", { contract: held.contractId })}</p>
					<div className="row">
						<button type="button" className="main-button" onClick={() => void find(held.contractId, onResume)}>
							{t("resume.go")}
						</button>
						<button
							type="button"
							onClick={() => {
								onForget();
								setHeld(undefined);
							}}
						>
							{t("resume.forget")}
						</button>
					</div>
				</section>
			)}
			{fault && (
				<FaultCard fault={fault} contractId={number}>
					<button type="button" className="main-button" onClick={() => setFault(undefined)}>
						{t("fault.close")}
					</button>
				</FaultCard>
			)}
			<section className="card">
				<Heading>{t("contract.heading")}</Heading>
				<form
					className="row bottom"
					onSubmit={(event) => {
						event.preventDefault();
						if (number.trim() !== "") use(number.trim());
					}}
				>
					<label className="field">
						<span>{t("contract.number")}</span>
						<input value={number} autoComplete="off" spellCheck={false} onChange={(event) => setNumber(event.target.value)} />
					</label>
					<button type="submit" className="main-button" aria-disabled={number.trim() === "" || isBusy}>
						{t("contract.find")}
					</button>
				</form>
				<p role="status">{isBusy ? t("contract.looking") : ""}</p>
				{view?.network === "down" && <p>{t("offline.noNew")}</p>}
				{!isNew && view?.network !== "down" && (
					<div className="row">
						<button type="button" onClick={() => setNew(true)}>
							{t("contract.new")}
						</button>
					</div>
				)}
			</section>
			{isNew && view?.network !== "down" && (
				<ContractFields
					number={number}
					draft={draft}
					onDraft={onDraft}
					onRequest={(request) => onSubject({ kind: "new", request })}
				/>
			)}
			<UnfinishedCard onFinish={(contractId) => void find(contractId, onResume)} />
			{children(use)}
		</>
	);
}

/** The code that reads and writes contracts, on its way from the moment that the card shows. */
export function useContractWork(): Promise<typeof import("./contract-work.ts")> {
	const [work] = useState(() => import("./contract-work.ts"));
	useEffect(() => {
		work.catch(() => {}); // told by whoever needs it
	}, [work]);
	return work;
}
