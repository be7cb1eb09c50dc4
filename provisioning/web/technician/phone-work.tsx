import { type ReactNode, useEffect, useReducer, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { imeiTail } from "../../../proto/imei.ts";
import { FaultError, fault as faultOf } from "../../handset/fault.ts";
import type { UsbHandset } from "../../transport/web-usb.ts";
import { AllowCard } from "../desk/allow-card.tsx";
import { ChoosePhone } from "../desk/choose-phone.tsx";
import { FaultCard } from "../desk/fault-card.tsx";
import { Heading } from "../desk/heading.tsx";
import { useStayAwake } from "../desk/stay-awake.ts";
import { StepList } from "../desk/step-list.tsx";
import { actionFor } from "../desk/what-helps.ts";
import { FaultPicture } from "../faults/fault-picture.tsx";
import { type JobName, type JobTools, type JobView, nextJobView, noJob } from "./phone-job.ts";

type Jobs = typeof import("./phone-jobs.ts");

interface PhoneWorkProps<Value> {
	readonly name: JobName;
	readonly contractId: string;
	/** What is done with the phone. @throws {FaultError} */
	readonly job: (jobs: Jobs, handset: UsbHandset, tools: JobTools) => Promise<Value>;
	readonly onDone: (value: Value) => void;
	readonly onBack: () => void;
	/** Shown until a phone is chosen. */
	readonly children?: ReactNode;
}

/** A phone: chosen, allowed, compared with the one in hand, worked on; and what stopped it. */
export function PhoneWork<Value>({ name, contractId, job, onDone, onBack, children }: PhoneWorkProps<Value>) {
	const { t } = useTranslation();
	const [view, act] = useReducer(nextJobView(name), noJob(name));
	const [jobs] = useState(() => import("./phone-jobs.ts"));
	const running = useRef<AbortController>(undefined);
	const answer = useRef<(isIt: boolean) => void>(() => {});
	const last = useRef<UsbHandset>(undefined);
	useStayAwake(view.phase !== "choose" && view.phase !== "fault");
	useEffect(() => {
		jobs.catch(() => {}); // told by whoever needs it
		return () => running.current?.abort();
	}, [jobs]);

	const start = async (handset: UsbHandset) => {
		if (running.current) return;
		const stop = new AbortController();
		running.current = stop;
		last.current = handset;
		act({ type: "open" });
		try {
			const value = await job(await jobs, handset, {
				signal: stop.signal,
				onAllowNeeded: () => act({ type: "allow-needed", atMs: Date.now() }),
				onOpened: () => act({ type: "opened" }),
				onEvent: (event) => act({ type: "event", event, atMs: Date.now() }),
				confirmPhone: (phone) =>
					new Promise((resolve) => {
						answer.current = (isIt) => {
							act({ type: "answered" });
							resolve(isIt);
						};
						act({ type: "ask", phone });
					}),
			});
			running.current = undefined;
			onDone(value);
		} catch (error) {
			running.current = undefined;
			if (stop.signal.aborted) act({ type: "choose" });
			else act({ type: "fault", fault: error instanceof FaultError ? error.fault : unclassified(error) });
		}
	};
	return (
		<>
			{view.phase === "choose" && children}
			{view.phase === "choose" && <ChoosePhone contractId={contractId} onPhone={(phone) => void start(phone)} onBack={onBack} />}
			{(view.phase === "opening" || (view.phase === "running" && view.steps.length === 0)) && (
				<section className="card">
					<Heading>{t(view.phase === "opening" ? "work.opening" : "work.reading")}</Heading>
				</section>
			)}
			{view.phase === "allow" && <AllowCard askedAtMs={view.askedAtMs ?? Date.now()} onStop={() => running.current?.abort()} />}
			{view.phase === "confirm" && view.phone && (
				<SamePhone name={name} contractId={contractId} phone={view.phone} onAnswer={(isIt) => answer.current(isIt)} />
			)}
			{view.phase === "fault" && view.fault && (
				<FaultCard fault={view.fault} step={view.steps.find(({ state }) => state === "failed")?.name} contractId={contractId}>
					{last.current && actionFor(view.fault.code) === "retry" && (
						<button type="button" className="main-button" onClick={() => last.current && void start(last.current)}>
							{t("work.again")}
						</button>
					)}
					<button type="button" onClick={() => act({ type: "choose" })}>
						{t("work.choose")}
					</button>
					<button type="button" onClick={onBack}>
						{t("work.back")}
					</button>
				</FaultCard>
			)}
			{view.steps.length > 0 && showsSteps(view) && <StepList steps={view.steps} isStopping={false} onStop={undefined} />}
		</>
	);
}

function showsSteps({ phase, steps }: JobView): boolean {
	return phase === "running" || phase === "confirm" || (phase === "fault" && steps.some(({ state }) => state === "failed"));
}

interface SamePhoneProps {
	readonly name: JobName;
	readonly contractId: string;
	readonly phone: { readonly model: string; readonly imeis: readonly string[] };
	readonly onAnswer: (isIt: boolean) => void;
}

/** W9: what follows cannot be undone, so the phone on the cable is compared with the one in hand. */
function SamePhone({ name, contractId, phone, onAnswer }: SamePhoneProps) {
	const { t } = useTranslation();
	return (
		<section className="card wait">
			<Heading>{t("same.heading")}</Heading>
			<div className="beside">
				<FaultPicture id="dial-imei" />
				<dl className="facts big-facts">
					<dt>{t("facts.model")}</dt>
					<dd>{phone.model}</dd>
					<dt>{t("facts.imeiEnds")}</dt>
					<dd>{phone.imeis.map((imei) => `… ${imeiTail(imei)}`).join(", ")}</dd>
					<dt>{t("facts.contract")}</dt>
					<dd>{contractId}</dd>
				</dl>
			</div>
			<p>{t(name === "release" ? "same.release" : "same.rebind")}</p>
			<div className="row">
				<button type="button" className="main-button" onClick={() => onAnswer(true)}>
					{t("same.yes")}
				</button>
				<button type="button" onClick={() => onAnswer(false)}>
					{t("same.no")}
				</button>
			</div>
		</section>
	);
}

function unclassified(error: unknown) {
	return faultOf("UNCLASSIFIED", { raw: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
