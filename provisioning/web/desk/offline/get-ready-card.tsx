import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type Imei, imeiTail, parseImei } from "../../../../proto/imei.ts";
import { type Fault, FaultError } from "../../../handset/fault.ts";
import { imeisOf } from "../../../procedure/identity.ts";
import type { SessionView } from "../../../registry/access/access-request.ts";
import { VOUCHER_MARGIN_MS, type Voucher, type VoucherUnit } from "../../../vouchers/voucher.ts";
import { FaultCard } from "../fault-card.tsx";
import { timeText } from "../formats.ts";
import { browserUsb } from "../preflight.ts";
import { useNow } from "../use-now.ts";
import { useRoad } from "./road-context.tsx";

interface GetReadyCardProps {
	readonly session: SessionView;
	/** Begins with a contract that is ready. */
	readonly onUse: (contractId: string) => void;
}

interface Form {
	readonly contractId: string;
	readonly imei1: string;
	readonly imei2: string;
	readonly serial: string;
}

const EMPTY: Form = { contractId: "", imei1: "", imei2: "", serial: "" };
const FIELDS = ["contractId", "imei1", "imei2", "serial"] as const;

/** Fetches vouchers ahead: for which contract, and which phone, by its box or by its cable. */
export function GetReadyCard({ session, onUse }: GetReadyCardProps) {
	const { t } = useTranslation();
	const { road, view } = useRoad();
	const [form, setForm] = useState(EMPTY);
	const [wrong, setWrong] = useState<readonly (keyof Form)[]>([]);
	const [work, setWork] = useState<"reading" | "allow" | "fetching">();
	const [said, setSaid] = useState<string>();
	const [fault, setFault] = useState<Fault>();
	const isUp = view?.network === "up";

	/** One thing at a time, and what it refuses is told here. */
	const doing = async (what: NonNullable<typeof work>, act: () => Promise<string | undefined>) => {
		if (work) return;
		setFault(undefined);
		setSaid(undefined);
		setWork(what);
		try {
			setSaid(await act());
		} catch (error) {
			if (!(error instanceof FaultError)) throw error;
			setFault(error.fault);
		} finally {
			setWork(undefined);
		}
	};
	const read = () =>
		doing("reading", async () => {
			const usb = browserUsb();
			const [{ pickHandset }, { identityOn }] = await Promise.all([
				import("../../../transport/web-usb.ts"),
				import("./identity-on.ts"),
			]);
			const phone = usb && (await pickHandset(usb));
			if (!phone) return t("phone.none");
			const { imei1, imei2 = "", serial } = await identityOn(phone, () => setWork("allow"));
			setForm((now) => ({ ...now, imei1, imei2, serial }));
			return t("getReady.read");
		});
	const fetchOne = () => {
		const unit = unitOf(form);
		setWrong(Array.isArray(unit) ? unit : []);
		if (Array.isArray(unit)) return;
		void doing("fetching", async () => {
			const { enrolled, elsewhere, refused, stopped } = await (await road).prepare(unit, session);
			const why = stopped ?? refused[0]?.fault;
			if (why) throw new FaultError(why);
			if (elsewhere[0]) return t("getReady.elsewhere", { station: elsewhere[0].station });
			if (enrolled.length > 0) return t("getReady.enrolled");
			setForm(EMPTY);
			return t("getReady.done", { contract: unit.contractId });
		});
	};
	return (
		<>
			<section className="card">
				<h2>{t("getReady.heading")}</h2>
				<p>{t("getReady.text")}</p>
				<ReadyList
					vouchers={view?.vouchers ?? []}
					unfinished={view?.unfinished.map(({ contractId }) => contractId) ?? []}
					onGiveBack={(contractId) =>
						void doing("fetching", async () => {
							await (await road).giveBack(contractId);
							return t("getReady.given", { contract: contractId });
						})
					}
					onUse={onUse}
					canGiveBack={isUp}
				/>
				{isUp && (
					<details>
						<summary>{t("getReady.one")}</summary>
						<form
							className="form"
							onSubmit={(event) => {
								event.preventDefault();
								fetchOne();
							}}
						>
							{FIELDS.map((name) => (
								<label key={name} className="field">
									<span>{t(`getReady.${name}`)}</span>
									<input
										value={form[name]}
										autoComplete="off"
										spellCheck={false}
										inputMode={name.startsWith("imei") ? "numeric" : undefined}
										aria-invalid={wrong.includes(name)}
										onChange={(event) => setForm({ ...form, [name]: event.target.value })}
									/>
									{wrong.includes(name) && <span className="field-error">{t(`getReady.problems.${name}`)}</span>}
								</label>
							))}
							<div className="row">
								<button type="button" aria-disabled={work !== undefined} onClick={() => void read()}>
									{t("getReady.readPhone")}
								</button>
								<button type="submit" className="main-button" aria-disabled={work !== undefined}>
									{t("getReady.go")}
								</button>
							</div>
						</form>
					</details>
				)}
				<p role="status">{work ? t(`getReady.${work}`) : (said ?? "")}</p>
			</section>
			{fault && (
				<FaultCard fault={fault} contractId={form.contractId}>
					<button type="button" className="main-button" onClick={() => setFault(undefined)}>
						{t("fault.close")}
					</button>
				</FaultCard>
			)}
		</>
	);
}

interface ReadyListProps {
	readonly vouchers: readonly Voucher[];
	/** Contracts whose phones have yet to come back: their vouchers are in use. */
	readonly unfinished: readonly string[];
	readonly canGiveBack: boolean;
	readonly onUse: (contractId: string) => void;
	readonly onGiveBack: (contractId: string) => void;
}

function ReadyList({ vouchers, unfinished, canGiveBack, onUse, onGiveBack }: ReadyListProps) {
	const { t, i18n } = useTranslation();
	const now = useNow();
	if (vouchers.length === 0) return <p className="muted">{t("getReady.empty")}</p>;
	return (
		<ul className="offline-list">
			{vouchers.map(({ contractId, handset, expiresAtMs, used }) => {
				const untilMs = expiresAtMs - VOUCHER_MARGIN_MS;
				const state = used ? "used" : untilMs < now ? "ended" : "until";
				return (
					<li key={contractId}>
						<strong>{contractId}</strong>
						<span>
							{t("getReady.phone", {
								imeis: imeisOf(handset)
									.map((imei) => `… ${imeiTail(imei)}`)
									.join(", "),
							})}
						</span>
						<span>{t(`getReady.${state}`, { until: timeText(i18n.language, untilMs / 1000) })}</span>
						{state === "until" && (
							<button type="button" aria-label={t("getReady.useOf", { contract: contractId })} onClick={() => onUse(contractId)}>
								{t("getReady.use")}
							</button>
						)}
						{canGiveBack && !unfinished.includes(contractId) && (
							<button
								type="button"
								aria-label={t("getReady.giveBackOf", { contract: contractId })}
								onClick={() => onGiveBack(contractId)}
							>
								{t("getReady.giveBack")}
							</button>
						)}
					</li>
				);
			})}
		</ul>
	);
}

/** What the form says, or the fields that say nothing useful. A voucher names the serial number and both IMEIs. */
function unitOf(form: Form): VoucherUnit | (keyof Form)[] {
	const wrong: (keyof Form)[] = [];
	const imeiIn = (name: "imei1" | "imei2"): Imei | undefined => {
		const parsed = parseImei(form[name].trim());
		if ("imei" in parsed) return parsed.imei;
		wrong.push(name);
		return undefined;
	};
	const contractId = form.contractId.trim();
	const serial = form.serial.trim();
	if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(contractId)) wrong.push("contractId");
	if (!/^[\x21-\x7e]{1,64}$/.test(serial)) wrong.push("serial");
	const [imei1, imei2] = [imeiIn("imei1"), imeiIn("imei2")];
	return imei1 && imei2 && wrong.length === 0 ? { contractId, imeis: [imei1, imei2], serial } : wrong;
}
