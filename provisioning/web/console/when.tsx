import { useTranslation } from "react-i18next";

import { dayText, distanceText, phoneTimeText, timeText } from "./moment.ts";

interface WhenProps {
	readonly at: number;
	/** Minutes east of Greenwich where the phone is: its own time stands beside the reader's. */
	readonly phoneOffset?: number | undefined;
	/** How far from now. */
	readonly withDistance?: boolean;
	readonly dayOnly?: boolean;
}

/** A moment by the reader's clock, with its zone, and by the phone's where that is known and another. */
export function When({ at, phoneOffset, withDistance = false, dayOnly = false }: WhenProps) {
	const { t, i18n } = useTranslation();
	const isOther = phoneOffset !== undefined && phoneOffset !== -new Date(at * 1000).getTimezoneOffset();
	return (
		<span className="when">
			<time dateTime={new Date(at * 1000).toISOString()}>
				{dayOnly ? dayText(at, i18n.language) : timeText(at, i18n.language)}
			</time>
			{withDistance && <span className="muted"> ({distanceText(at, Date.now(), i18n.language)})</span>}
			{isOther && !dayOnly && (
				<span className="muted"> · {t("phone-time", { time: phoneTimeText(at, phoneOffset, i18n.language) })}</span>
			)}
		</span>
	);
}
