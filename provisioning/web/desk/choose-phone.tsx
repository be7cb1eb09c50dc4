import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Fault, FaultError } from "../../handset/fault.ts";
import type { UsbHandset } from "../../transport/web-usb.ts";
import { FaultPicture } from "../faults/fault-picture.tsx";
import { FaultCard } from "./fault-card.tsx";
import { Heading } from "./heading.tsx";
import { browserUsb } from "./preflight.ts";

interface ChoosePhoneProps {
	readonly contractId: string;
	readonly onPhone: (phone: UsbHandset) => void;
	readonly onBack: () => void;
}

/** W2: the browser's own list, after a click. Phones that this site was given before need no list. */
export function ChoosePhone({ contractId, onPhone, onBack }: ChoosePhoneProps) {
	const { t } = useTranslation();
	const [given, setGiven] = useState<readonly UsbHandset[]>([]);
	const [isNone, setNone] = useState(false);
	const [fault, setFault] = useState<Fault>();
	const [work] = useState(() => import("../../transport/web-usb.ts"));
	useEffect(() => {
		const usb = browserUsb();
		if (!usb) return;
		const look = async () => setGiven(await (await work).grantedHandsets(usb));
		const again = () => void look();
		again();
		usb.addEventListener("connect", again);
		usb.addEventListener("disconnect", again);
		return () => {
			usb.removeEventListener("connect", again);
			usb.removeEventListener("disconnect", again);
		};
	}, [work]);
	const pick = async (anyMaker: boolean) => {
		const usb = browserUsb();
		if (!usb) return;
		setNone(false);
		setFault(undefined);
		try {
			const phone = await (await work).pickHandset(usb, { anyMaker });
			if (phone) onPhone(phone);
			else setNone(true);
		} catch (error) {
			if (!(error instanceof FaultError)) throw error;
			setFault(error.fault);
		}
	};
	return (
		<>
			<section className="card">
				<Heading>{t("phone.heading")}</Heading>
				<div className="beside">
					<FaultPicture id="plug-in" />
					<ol className="numbers">
						<li>{t("phone.plug")}</li>
						<li>{t("phone.debugging")}</li>
						<li>{t("phone.choose")}</li>
					</ol>
				</div>
				<div className="row">
					<button type="button" className="main-button" onClick={() => void pick(false)}>
						{t("phone.pick")}
					</button>
					{given.map((phone) => (
						<button key={phone.serial} type="button" onClick={() => onPhone(phone)}>
							{t("phone.given", { name: phone.name, serial: phone.serial.slice(-4) })}
						</button>
					))}
					<button type="button" onClick={onBack}>
						{t("consent.back")}
					</button>
				</div>
				<p role="status">{isNone ? t("phone.none") : ""}</p>
				<details open={isNone}>
					<summary>{t("phone.missing")}</summary>
					<ul className="dots">
						<li>{t("phone.hints.cable")}</li>
						<li>{t("phone.hints.debugging")}</li>
						<li>{t("phone.hints.windows")}</li>
						<li>{t("phone.hints.linux")}</li>
						<li>{t("phone.hints.mac")}</li>
					</ul>
					<button type="button" onClick={() => void pick(true)}>
						{t("phone.any")}
					</button>
				</details>
			</section>
			{fault && (
				<FaultCard fault={fault} contractId={contractId}>
					<button type="button" className="main-button" onClick={() => void pick(false)}>
						{t("fault.retry")}
					</button>
				</FaultCard>
			)}
		</>
	);
}
