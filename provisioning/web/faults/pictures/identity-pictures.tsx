import { Arrow, Mark, Phone, Picture, Ring, Tap } from "./picture-parts.tsx";

export function DialImei() {
	return (
		<Picture>
			<Phone>
				<text className="words" x="30" y="34" textAnchor="middle">
					*#06#
				</text>
				{[0, 1, 2, 3].flatMap((row) =>
					[0, 1, 2].map((column) => (
						<circle key={`${row}${column}`} className="off" cx={16 + column * 14} cy={50 + row * 13} r="4.500" />
					)),
				)}
				<Ring x={30} y={30} rx={26} ry={11} />
			</Phone>
		</Picture>
	);
}

/** A strip of bars, as on a box. */
const BARS = "M0 0v20M4 0v20M10 0v20M13 0v20M19 0v20M25 0v20M28 0v20M34 0v20M38 0v20";

export function CompareImei() {
	return (
		<Picture>
			<g transform="translate(-42 0)">
				<Phone>
					<path className="line thin" transform="translate(11 40)" d={BARS} />
					<path className="line faint" d="M12 72h36" />
				</Phone>
			</g>
			<Mark x={80} y={58} isGood={false} />
			<path className="line paper" d="M96 40l28-14 28 14v48l-28 14-28-14z" />
			<path className="line" d="M96 40l28 14 28-14M124 54v48" />
			<path className="line thin" transform="translate(100 58) skewY(26) scale(.5 1)" d={BARS} />
		</Picture>
	);
}

export function UnlockScreen() {
	return (
		<Picture>
			<Phone>
				<rect className="line" x="19" y="38" width="22" height="17" rx="3" />
				<path className="line" d="M23 38v-5a7 7 0 0 1 14 0" />
				<Arrow d="M30 92V68" head="M23 75l7-8 7 8" />
				<Tap x={36} y={96} />
			</Phone>
		</Picture>
	);
}

export function BootloaderUnlocked() {
	return (
		<Picture>
			<Phone>
				<rect className="line bad-soft" x="17" y="46" width="26" height="20" rx="3" />
				<path className="line" d="M36 46V36a8 8 0 0 0-16-1" />
				<path className="line faint" d="M14 80h32M20 88h20" />
			</Phone>
			<Mark x={124} y={60} isGood={false} />
		</Picture>
	);
}
