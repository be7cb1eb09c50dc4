import { useTranslation } from "react-i18next";

import { FaultPicture } from "../faults/fault-picture.tsx";
import { Heading } from "./heading.tsx";
import { useNow } from "./use-now.ts";

/** As long as the link waits: a tap after it was closed counts for nothing. */
const ALLOW_SECONDS = 240;

interface AllowCardProps {
	readonly askedAtMs: number;
	readonly onStop: () => void;
}

/** The phone's question, as it looks, and how long it is good for. */
export function AllowCard({ askedAtMs, onStop }: AllowCardProps) {
	const { t } = useTranslation();
	const now = useNow();
	const left = Math.max(0, ALLOW_SECONDS - Math.floor((now - askedAtMs) / 1000));
	return (
		<section className="card wait">
			<Heading>{t("allow.heading")}</Heading>
			<div className="beside">
				<FaultPicture id="allow-usb-debugging" />
				<div className="stack">
					<p>{t("allow.text")}</p>
					<p role="timer" className="clock big">
						{`${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`}
					</p>
					<p>{t("allow.none")}</p>
				</div>
			</div>
			<div className="row">
				<button type="button" onClick={onStop}>
					{t("allow.stop")}
				</button>
			</div>
		</section>
	);
}
