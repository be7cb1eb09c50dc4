import { ColdSwitch, HotSwitch, Phone, Picture, Question, Ring, Row, RowSign, Tap } from "./picture-parts.tsx";

const USB_SIGN = "M5 11V1M2.500 3.500L5 1l2.500 2.500";
const SHIELD_SIGN = "M5 0l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V2z";
const DOWN_SIGN = "M5 0v8M1.500 5L5 8.500 8.500 5M0 11h10";

/** Developer options with one switch to touch. */
function DeveloperOptions({ at, isOn, sign }: { readonly at: number; readonly isOn: boolean; readonly sign: string }) {
	return (
		<Picture>
			<Phone>
				{[0, 1, 2, 3, 4, 5].map((row) =>
					row === at ? (
						<g key={row}>
							<RowSign at={row} d={sign} />
							<HotSwitch at={row} isOn={isOn} />
						</g>
					) : (
						<g key={row}>
							<Row at={row} label={row % 2 === 0 ? 22 : 17} />
							<ColdSwitch at={row} />
						</g>
					),
				)}
			</Phone>
			<g transform="translate(122 46) scale(2.400)">
				<path className="line thin" d={sign} />
			</g>
			<g transform="translate(20 60)">
				<circle className="line paper" r="13" />
				<path className="line" d="M-6 0l4-4M-6 0l4 4M6 0l-4-4M6 0l-4 4" />
			</g>
		</Picture>
	);
}

export const UsbDebugging = () => <DeveloperOptions at={1} isOn={true} sign={USB_SIGN} />;
export const UsbDebuggingOff = () => <DeveloperOptions at={1} isOn={false} sign={USB_SIGN} />;
export const XiaomiInstallToggle = () => <DeveloperOptions at={2} isOn={true} sign={DOWN_SIGN} />;
export const XiaomiSecurityToggle = () => <DeveloperOptions at={3} isOn={true} sign={SHIELD_SIGN} />;

/** Settings with one entry to be taken away. */
function Remove({ d }: { readonly d: string }) {
	return (
		<Picture>
			<Phone>
				{[0, 1, 2].map((row) => (
					<g key={row}>
						<g transform={`translate(10 ${20 + row * 26})`}>
							<path className="line" d={d} />
							<path className="line faint" d="M20 7h12" />
							<path className="line bad-line" d="M36 4l6 6M42 4l-6 6" />
						</g>
					</g>
				))}
				<Ring x={49} y={53} rx={9} ry={40} />
			</Phone>
		</Picture>
	);
}

const PERSON = "M7 0a3.500 3.500 0 1 0 .01 0zM1 14c0-8 12-8 12 0";
export const RemoveAccounts = () => <Remove d={PERSON} />;
export const RemoveUsers = () => (
	<Remove d="M5 1a3 3 0 1 0 .01 0zM0 14c0-7 10-7 10 0M11 2a2.500 2.500 0 1 1 0 5M12 9c3 0 4 2 4 5" />
);
export const RemoveWorkProfile = () => <Remove d="M0 4h15v10H0zM5 4V1h5v3M0 8h15" />;

export function MiSignOut() {
	return (
		<Picture>
			<Phone>
				<circle className="line" cx="30" cy="34" r="10" />
				<path className="line" d="M25 38v-8l5 5 5-5v8" />
				<path className="line faint" d="M14 54h32M14 62h22" />
				<rect className="hot" x="12" y="76" width="36" height="13" rx="5" />
				<path className="line on-mark" d="M24 82h12M32 78l4 4-4 4" />
				<Tap x={42} y={90} />
			</Phone>
		</Picture>
	);
}

export function FindDeviceOff() {
	return (
		<Picture>
			<Phone>
				<path className="line" d="M30 50c-8-9-11-13-11-19a11 11 0 0 1 22 0c0 6-3 10-11 19zM30 27a4 4 0 1 0 .01 0z" />
				<path className="line faint" d="M9 71h20" />
				<g transform="translate(0 2)">
					<HotSwitch at={3} isOn={false} />
				</g>
			</Phone>
		</Picture>
	);
}

export function FinishSetup() {
	return (
		<Picture>
			<Phone>
				<path className="line faint" d="M14 30h32M20 38h20" />
				<circle className="off" cx="18" cy="62" r="3" />
				<circle className="off" cx="30" cy="62" r="3" />
				<circle className="good" cx="42" cy="62" r="3" />
				<rect className="hot" x="14" y="78" width="32" height="12" rx="6" />
				<Tap x={40} y={88} />
			</Phone>
			<path className="line hot-line" d="M116 60h14M124 53l7 7-7 7" />
			<path className="line" d="M138 60l8-8 8 8v12h-16z" />
		</Picture>
	);
}

export function SystemUpdate() {
	return (
		<Picture>
			<Phone>
				<path className="line hot-line" d="M30 26v34M18 48l12 13 12-13" />
				<path className="line" d="M16 72h28" />
				<rect className="off" x="14" y="84" width="32" height="6" rx="3" />
				<rect className="good" x="14" y="84" width="20" height="6" rx="3" />
			</Phone>
		</Picture>
	);
}

export function XiaomiInstallDialog() {
	return (
		<Picture>
			<Phone>
				<Question />
			</Phone>
			<g transform="translate(134 58)">
				<circle className="line paper" r="16" />
				<path className="line hot-line" d="M0-9v9l6 5" />
			</g>
			<text className="words" x="134" y="92" textAnchor="middle">
				10 s
			</text>
		</Picture>
	);
}

export function PlayProtect() {
	return (
		<Picture>
			<Phone>
				<path className="line" d="M30 20l16 6v13c0 10-7 16-16 19-9-3-16-9-16-19V26z" />
				<path className="line hot-line" d="M26 32v14M34 32v14" />
				<g transform="translate(0 0)">
					<path className="line faint" d="M9 79h20" />
					<HotSwitch at={4} isOn={false} />
				</g>
			</Phone>
		</Picture>
	);
}
