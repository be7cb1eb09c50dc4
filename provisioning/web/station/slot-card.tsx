import { memo } from "react";
import { useTranslation } from "react-i18next";

import type { SlotView } from "../../station/view.ts";
import { clockText } from "./duration.ts";
import { useStationNow } from "./page-context.ts";
import type { Toast } from "./signal-toast.tsx";
import { Icon } from "./word-icon.tsx";

interface SlotCardProps {
	readonly slot: SlotView;
	readonly isChosen: boolean;
	/** Whether it is picked; `undefined` while nothing is being picked. */
	readonly isPicked: boolean | undefined;
	readonly flash: Toast | undefined;
	readonly isTabStop: boolean;
	readonly onFocus: (slot: number) => void;
	readonly onCard: (slot: number) => void;
}

/** One slot, to be read from two metres: number, word, icon, colour and pattern say the same thing. */
export const SlotCard = memo(
	function SlotCard({ slot, isChosen, isPicked, flash, isTabStop, onFocus, onCard }: SlotCardProps) {
		const { t } = useTranslation();
		const { word, step, fault } = slot;
		const label = [
			t("card.slot", { slot: slot.slot }),
			t(`word.${word}`),
			slot.locked && t("card.locked"),
			slot.imeiTail && t("card.imei", { tail: slot.imeiTail }),
			step && t("card.step", { number: step.number, count: step.count, title: step.title }),
			fault?.code,
		];
		return (
			<li className="card-place">
				<button
					type="button"
					className={`card word-${word}`}
					data-flash={flash ? `${flash.kind}` : undefined}
					data-slot={slot.slot}
					aria-pressed={isPicked ?? isChosen}
					tabIndex={isTabStop ? 0 : -1}
					onFocus={() => onFocus(slot.slot)}
					onClick={() => onCard(slot.slot)}
				>
					<span className="hidden">{label.filter(Boolean).join(", ")}</span>
					<span className="card-head" aria-hidden="true">
						<span className="card-number">{slot.slot}</span>
						<span className="card-facts">
							<span className="card-word">
								<Icon name={slot.locked ? "locked" : word} />
								<span>{slot.locked ? t("card.lockedWord") : t(`word.${word}`)}</span>
							</span>
							<span className="card-line">
								{slot.imeiTail && <span className="card-imei">…{slot.imeiTail}</span>}
								{slot.sinceMs !== undefined && <Elapsed sinceMs={slot.sinceMs} endedAtMs={slot.endedAtMs} />}
							</span>
						</span>
					</span>
					{step && (
						<span className="card-step" aria-hidden="true">
							<b>
								{step.number}/{step.count}
							</b>{" "}
							<span className="card-title" lang="en">
								{step.title}
							</span>
						</span>
					)}
					{!step && fault && (
						<span className="card-step card-code" aria-hidden="true" lang="en">
							{fault.code.replaceAll("_", " ").toLowerCase()}
						</span>
					)}
					{word !== "empty" && (
						<span className="card-foot" aria-hidden="true">
							{slot.batteryPercent !== undefined && (
								<span className={slot.batteryPercent < 20 ? "weak" : ""}>
									<Icon name="battery" />
									{slot.batteryPercent}%
								</span>
							)}
							{slot.linkSpeed !== undefined && (
								<span className={isSlow(slot.linkSpeed) ? "weak" : ""}>
									<Icon name="link" />
									{slot.linkSpeed.replace(/ ?Mbit\/s$/, "M").replace(/ ?Gbit\/s$/, "G")}
								</span>
							)}
							<span className={slot.cable.score > 5 ? "card-cable weak" : "card-cable"}>
								<Icon name="cable" />
								{slot.cable.score}
							</span>
						</span>
					)}
					{step && (
						<progress
							className="card-progress"
							value={step.number - 1 + (step.fraction ?? 0)}
							max={step.count}
							aria-hidden="true"
						/>
					)}
				</button>
			</li>
		);
	},
	// Handlers are new at each turn and do the same.
	(before, after) =>
		before.slot === after.slot &&
		before.isChosen === after.isChosen &&
		before.isPicked === after.isPicked &&
		before.flash === after.flash &&
		before.isTabStop === after.isTabStop,
);

/** Full speed or less: enrolment works, and takes minutes longer. */
function isSlow(linkSpeed: string): boolean {
	return /^(1\.5|12) Mbit/.test(linkSpeed);
}

function Elapsed({ sinceMs, endedAtMs }: { readonly sinceMs: number; readonly endedAtMs: number | undefined }) {
	const now = useStationNow();
	return <span className="card-time">{clockText((endedAtMs ?? now) - sinceMs)}</span>;
}
