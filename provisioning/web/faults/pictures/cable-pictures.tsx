import { Arrow, Computer, Mark, Phone, Picture, Question, Ring, Tap } from "./picture-parts.tsx";

const PLUG = "M-6 0h12v12h-12zM-3 0v-5h6v5";

/** A plug that points up, at its place. */
function Plug({ x, y, isHot = true }: { readonly x: number; readonly y: number; readonly isHot?: boolean }) {
	return <path className={isHot ? "line hot" : "line paper"} transform={`translate(${x} ${y})`} d={PLUG} />;
}

export function PlugIn() {
	return (
		<Picture>
			<g transform="translate(70 -46)">
				<Phone x={12} />
			</g>
			<Computer y={34} />
			<Plug x={112} y={86} />
			<path className="line" d="M112 98v12H52q-12 0-12-10" />
			<Arrow d="M136 104V80" head="M131 86l5-6 5 6" />
			<Ring x={112} y={78} rx={14} ry={8} />
		</Picture>
	);
}

export function Replug() {
	return (
		<Picture>
			<g transform="translate(20 -42)">
				<Phone x={12} />
			</g>
			<Plug x={62} y={88} />
			<path className="line" d="M62 100v20" />
			<Arrow d="M84 78v24" head="M79 97l5 6 5-6" />
			<Arrow d="M132 102V78" head="M127 84l5-6 5 6" />
			<text className="words" x="108" y="97" textAnchor="middle">
				5 s
			</text>
		</Picture>
	);
}

export function GoodCable() {
	return (
		<Picture>
			<path className="line thin" d="M14 20c24 0 10 34 34 34s12-34 26-34" strokeDasharray="5 5" />
			<Mark x={92} y={30} isGood={false} />
			<path className="line" strokeWidth="5" d="M14 92h84" />
			<path className="line hot" d="M98 85h16v14H98zM114 88h8v8h-8z" />
			<Mark x={142} y={92} isGood={true} />
		</Picture>
	);
}

export function UsbController() {
	return (
		<Picture>
			{[0, 1, 2].map((port) => (
				<g key={port} transform={`translate(${14 + port * 30} 16)`}>
					<rect className="line paper" width="22" height="34" rx="3" />
					<rect className="bad" x="6" y="8" width="10" height="18" rx="2" />
				</g>
			))}
			<g transform="translate(120 70)">
				<rect className="line paper" width="22" height="34" rx="3" />
				<rect className="off" x="6" y="8" width="10" height="18" rx="2" />
				<Ring x={11} y={17} rx={17} ry={23} />
			</g>
			<Arrow d="M85 56c0 24 10 32 24 32" head="M102 81l8 7-8 7" />
		</Picture>
	);
}

export function UsbBusy() {
	return (
		<Picture>
			<g>
				<rect className="line paper" x="10" y="14" width="92" height="62" rx="5" />
				<path className="line" d="M10 30h92" />
				<path className="line paper" d="M16 30v-10h26v10M46 30v-10h26v10" />
				<path className="line bad-line" d="M62 21l6 6M68 21l-6 6" />
			</g>
			<Tap x={66} y={28} />
			<g transform="translate(112 48) scale(.6)">
				<Phone x={0} />
			</g>
		</Picture>
	);
}

export function UsbAccess() {
	return (
		<Picture>
			<Computer x={14} y={20} />
			<g transform="translate(96 44)">
				<rect className="line hot" y="18" width="40" height="30" rx="4" />
				<path className="line" d="M8 18v-8a12 12 0 0 1 24 0" />
				<circle className="knob" cx="20" cy="31" r="4" />
			</g>
			<path className="line thin" d="M76 50h18" strokeDasharray="4 4" />
		</Picture>
	);
}

export function UdevRule() {
	return (
		<Picture>
			<path className="line paper" d="M16 12h44l16 16v80H16z" />
			<path className="line" d="M60 12v16h16" />
			<path className="line faint" d="M26 44h40M26 56h32M26 68h40" />
			<path className="line hot-line" d="M26 84h40" />
			<Arrow d="M84 62h26" head="M103 55l8 7-8 7" />
			<g transform="translate(118 44)">
				<rect className="line paper" width="32" height="36" rx="4" />
				<path className="line" d="M16 28V8M11 13l5-6 5 6M16 23l-6-4v-4M16 20l6-4v-4" />
			</g>
		</Picture>
	);
}

export function PickPhone() {
	return (
		<Picture>
			<rect className="line paper" x="14" y="10" width="112" height="98" rx="6" />
			<path className="line faint" d="M26 26h60" />
			<rect className="hot soft" x="22" y="38" width="96" height="20" rx="4" />
			<path className="line" d="M30 42h8v12h-8zM46 48h44" />
			<path className="line faint" d="M30 70h60M30 82h44" />
			<Tap x={108} y={58} />
		</Picture>
	);
}

export function AllowUsbDebugging() {
	return (
		<Picture>
			<Phone>
				<Question>
					<g>
						<rect className="good" x="10" y="52" width="8" height="8" rx="2" />
						<path className="line on-mark" d="M12 56l1.500 2 3-4" strokeWidth="1.600" />
						<path className="line faint" d="M22 56h22" />
					</g>
				</Question>
			</Phone>
		</Picture>
	);
}

export function Charge() {
	return (
		<Picture>
			<Phone>
				<rect className="line" x="18" y="34" width="24" height="42" rx="4" />
				<path className="line" d="M26 34v-4h8v4" />
				<rect className="bad" x="21" y="64" width="18" height="9" rx="2" />
				<path className="hot" d="M32 40l-9 17h6l-2 13 10-18h-6z" />
			</Phone>
			<path className="line" d="M80 114v6" />
		</Picture>
	);
}
