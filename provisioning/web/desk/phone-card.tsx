import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { FaultError, fault as faultOf } from "../../handset/fault.ts";
import type { AgentApk } from "../../handset/packages.ts";
import type { EnrollmentStatus } from "../../procedure/registry-port.ts";
import type { UsbHandset } from "../../transport/web-usb.ts";
import { AllowCard } from "./allow-card.tsx";
import { ChoosePhone } from "./choose-phone.tsx";
import { ConfirmPhone } from "./confirm-phone.tsx";
import type { PreparedContract } from "./contract-work.ts";
import type { DeskRunEnd } from "./enroll-run.ts";
import { FaultCard } from "./fault-card.tsx";
import { Heading } from "./heading.tsx";
import { keepWork, readWork } from "./kept-work.ts";
import type { DeskRoad } from "./offline/open-road.ts";
import { useRoad } from "./offline/road-context.tsx";
import { browserUsb } from "./preflight.ts";
import { NO_RUN, nextRunView } from "./run-view.ts";
import { useStayAwake } from "./stay-awake.ts";
import { StepList } from "./step-list.tsx";
import { actionFor, COMES_BACK } from "./what-helps.ts";

interface PhoneCardProps {
	readonly contract: PreparedContract;
	readonly operator: string;
	readonly onBack: () => void;
	/** Bound without the registry: not done. */
	readonly onQueued: () => void;
	readonly onDone: (end: DeskRunEnd, status: EnrollmentStatus) => void;
}

/** The phone: chosen, allowed, compared with the one in hand, then step by step to the end; and what stopped it. */
export function PhoneCard({ contract, operator, onBack, onQueued, onDone }: PhoneCardProps) {
	const { t } = useTranslation();
	const { contractId } = contract.contract;
	const [view, act] = useReducer(nextRunView, NO_RUN);
	const work = useEnrollWork();
	const { road } = useRoad();
	const agent = useAgent(road);
	const running = useRef<AbortController>(undefined);
	const answer = useRef<(isIt: boolean) => void>(() => {});
	const last = useRef<UsbHandset>(undefined);
	const isBusy = view.phase !== "choose" && view.phase !== "fault";
	useStayAwake(isBusy);

	const start = useCallback(
		async (handset: UsbHandset) => {
			if (running.current) return;
			const stop = new AbortController();
			running.current = stop;
			last.current = handset;
			act({ type: "open" });
			try {
				const { runAtDesk, sealedStatus } = await work;
				const { registry } = await road;
				const end = await runAtDesk({
					handset,
					registry,
					apk: await agent(),
					contractId,
					known: knownOf(contractId),
					operator,
					signal: stop.signal,
					onAllowNeeded: () => act({ type: "allow-needed", atMs: Date.now() }),
					onOpened: () => act({ type: "opened" }),
					onEvent: (event) => act({ type: "event", event, atMs: Date.now() }),
					confirmPhone: (phone) =>
						new Promise((resolve) => {
							answer.current = (isIt) => {
								if (isIt) keepWork({ contractId, known: { serial: phone.serial, imeis: phone.imeis } });
								act({ type: "answered" });
								resolve(isIt);
							};
							act({ type: "ask", phone });
						}),
				});
				// A phone that sealed itself leaves the cable, and its last words may be lost with it: the registry knows.
				const status =
					end.status ?? (end.fault && COMES_BACK.includes(end.fault.code) ? await sealedStatus(registry, contractId) : undefined);
				running.current = undefined;
				if (end.isQueued) onQueued();
				else if (status) onDone({ ...end, isSealed: end.isSealed || status.state === "sealed" }, status);
				else act({ type: "fault", fault: end.fault ?? faultOf("UNCLASSIFIED") });
			} catch (error) {
				running.current = undefined;
				act({ type: "fault", fault: error instanceof FaultError ? error.fault : unclassified(error) });
			}
		},
		[agent, contractId, onDone, onQueued, operator, road, work],
	);
	const isAwaited = view.phase === "fault" && view.fault !== undefined && COMES_BACK.includes(view.fault.code);
	useReturn(isAwaited, last, start);
	useSealedMeanwhile(isAwaited, async () => (await work).sealedStatus((await road).registry, contractId), onDone);
	useEffect(() => () => running.current?.abort(), []);

	const failed = view.steps.find(({ state }) => state === "failed")?.name;
	const action = view.fault && actionFor(view.fault.code);
	return (
		<>
			{view.phase === "choose" && <ChoosePhone contractId={contractId} onPhone={(phone) => void start(phone)} onBack={onBack} />}
			{view.phase === "opening" && (
				<section className="card">
					<Heading>{t("phone.opening")}</Heading>
				</section>
			)}
			{view.phase === "allow" && <AllowCard askedAtMs={view.askedAtMs ?? Date.now()} onStop={() => running.current?.abort()} />}
			{view.phase === "confirm" && view.phone && (
				<ConfirmPhone phone={view.phone} contract={contract} onAnswer={(isIt) => answer.current(isIt)} />
			)}
			{view.phase === "fault" && view.fault && (
				<FaultCard fault={view.fault} step={failed} contractId={contractId}>
					{action === "retry" && last.current && (
						<button type="button" className="main-button" onClick={() => last.current && void start(last.current)}>
							{t("fault.retry")}
						</button>
					)}
					{action !== "contract" && (
						<button
							type="button"
							className={action === "pick" ? "main-button" : undefined}
							onClick={() => act({ type: "choose" })}
						>
							{t("fault.pick")}
						</button>
					)}
					<button type="button" className={action === "contract" ? "main-button" : undefined} onClick={onBack}>
						{t("fault.contract")}
					</button>
				</FaultCard>
			)}
			{isAwaited && <p role="status">{t("fault.comesBack")}</p>}
			{(view.phase === "running" || view.phase === "confirm" || (view.phase === "fault" && failed !== undefined)) && (
				<StepList
					steps={view.steps}
					isStopping={view.isStopping}
					onStop={
						view.phase === "running"
							? () => {
									act({ type: "stop" });
									running.current?.abort();
								}
							: undefined
					}
				/>
			)}
		</>
	);
}

/** The code that touches phones, on its way from the moment that the card shows: a click must open the browser's list at once. */
function useEnrollWork(): Promise<typeof import("./enroll-run.ts")> {
	const [work] = useState(() => import("./enroll-run.ts"));
	useEffect(() => {
		work.catch(() => {}); // told by whoever needs it
	}, [work]);
	return work;
}

/** The agent, on its way from the moment that the card shows, and asked for again where it did not come. */
function useAgent(road: Promise<DeskRoad>): () => Promise<AgentApk> {
	const asked = useRef<Promise<AgentApk>>(undefined);
	const ask = useCallback(() => {
		asked.current ??= road.then((open) => open.agent());
		asked.current.catch(() => {
			asked.current = undefined;
		});
		return asked.current;
	}, [road]);
	useEffect(() => void ask().catch(() => {}), [ask]); // told by whoever needs it
	return ask;
}

/** Goes on by itself when the same phone is plugged in again. Who it is is proven anew by the first step. */
function useReturn(
	isAwaited: boolean,
	last: { readonly current: UsbHandset | undefined },
	start: (handset: UsbHandset) => Promise<void>,
): void {
	useEffect(() => {
		const usb = browserUsb();
		if (!isAwaited || !usb) return;
		const onConnect = ({ device }: USBConnectionEvent) => {
			const handset = last.current;
			if (handset && handset.serial !== "" && device.serialNumber === handset.serial) void start(handset);
		};
		usb.addEventListener("connect", onConnect);
		return () => usb.removeEventListener("connect", onConnect);
	}, [isAwaited, last, start]);
}

/** The phone that the clerk confirmed for this contract, if one was. */
function knownOf(contractId: string) {
	const work = readWork();
	return work?.contractId === contractId ? work.known : undefined;
}

/** How often, and how long, the registry is asked whether a phone that left has sealed itself: it tells so by its own network. */
const ASK_EVERY_MS = 2_000;
const ASK_TIMES = 30;

/** Ends the work when the phone that is waited for needs no cable any more. */
function useSealedMeanwhile(
	isAwaited: boolean,
	ask: () => Promise<EnrollmentStatus | undefined>,
	onDone: PhoneCardProps["onDone"],
): void {
	const latest = useRef({ ask, onDone });
	latest.current = { ask, onDone };
	useEffect(() => {
		if (!isAwaited) return;
		let asked = 0;
		let isOver = false;
		const timer = setInterval(async () => {
			asked += 1;
			if (asked >= ASK_TIMES) clearInterval(timer);
			const status = await latest.current.ask();
			if (status && !isOver) latest.current.onDone({ isSealed: true }, status);
		}, ASK_EVERY_MS);
		return () => {
			isOver = true;
			clearInterval(timer);
		};
	}, [isAwaited]);
}

function unclassified(error: unknown) {
	return faultOf("UNCLASSIFIED", { raw: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
