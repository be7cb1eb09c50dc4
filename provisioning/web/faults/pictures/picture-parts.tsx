import type { ReactNode } from "react";

/** A field of 160 by 120 in which the pictures are drawn. Line work is in the text's colour, what to touch is `hot`. */
export function Picture({ children }: { readonly children: ReactNode }) {
	return (
		<svg className="picture" viewBox="0 0 160 120" aria-hidden="true" focusable="false">
			{children}
		</svg>
	);
}

/** A phone, upright, its screen from 8 to 52 and 14 to 98 of its own field. */
export function Phone({ x = 50, children }: { readonly x?: number; readonly children?: ReactNode }) {
	return (
		<g transform={`translate(${x} 4)`}>
			<rect className="line paper" width="60" height="110" rx="9" />
			<path className="line thin" d="M25 7h10" />
			<path className="line thin" d="M22 105h16" />
			{children}
		</g>
	);
}

/** A line of a settings list, 0 to 5 from the top; `label` is how long its words are. */
export function Row({
	at,
	label = 22,
	children,
}: {
	readonly at: number;
	readonly label?: number;
	readonly children?: ReactNode;
}) {
	return (
		<g transform={`translate(8 ${18 + at * 14})`}>
			<path className="line faint" d={`M0 5h${label}`} />
			{children}
		</g>
	);
}

/** A switch at the end of a row, with a ring around it: this is the one. */
export function HotSwitch({ at, isOn }: { readonly at: number; readonly isOn: boolean }) {
	return (
		<g transform={`translate(34 ${18 + at * 14})`}>
			<rect className={isOn ? "good" : "off"} y="0" width="18" height="10" rx="5" />
			<circle className="knob" cx={isOn ? 13 : 5} cy="5" r="3.6" />
			<Ring x={9} y={5} rx={15} ry={10} />
		</g>
	);
}

export function ColdSwitch({ at }: { readonly at: number }) {
	return <rect className="off" x="36" y={19 + at * 14} width="15" height="8" rx="4" />;
}

/** A small sign at the beginning of a row. */
export function RowSign({ at, d }: { readonly at: number; readonly d: string }) {
	return <path className="line thin" transform={`translate(8 ${18 + at * 14})`} d={d} />;
}

export function Ring({ x, y, rx, ry }: { readonly x: number; readonly y: number; readonly rx: number; readonly ry: number }) {
	return <ellipse className="ring" cx={x} cy={y} rx={rx} ry={ry} />;
}

/** A fingertip that taps. */
export function Tap({ x, y }: { readonly x: number; readonly y: number }) {
	return (
		<g transform={`translate(${x} ${y})`}>
			<circle className="ring" r="9" />
			<path className="line skin" d="M-3 2v-5a3 3 0 0 1 6 0v8l6 2c3 1 4 4 3 7l-2 6h-12l-6-9c-1-2 2-4 4-2l1 2z" />
		</g>
	);
}

/** A question on the phone with two buttons, the right one to be tapped. */
export function Question({ children }: { readonly children?: ReactNode }) {
	return (
		<g>
			<rect className="line paper" x="5" y="32" width="50" height="46" rx="5" />
			<path className="line faint" d="M11 40h38M11 47h26" />
			{children}
			<rect className="off" x="10" y="64" width="17" height="9" rx="4" />
			<rect className="hot" x="33" y="64" width="17" height="9" rx="4" />
			<Tap x={42} y={72} />
		</g>
	);
}

export function Computer({ x = 6, y = 26 }: { readonly x?: number; readonly y?: number }) {
	return (
		<g transform={`translate(${x} ${y})`}>
			<rect className="line paper" width="62" height="42" rx="4" />
			<path className="line" d="M22 54h18M31 42v12M14 54h34" />
		</g>
	);
}

export function Arrow({ d, head }: { readonly d: string; readonly head: string }) {
	return (
		<g>
			<path className="line hot-line" d={d} />
			<path className="line hot-line" d={head} />
		</g>
	);
}

/** A cross or a tick in a disc. */
export function Mark({ x, y, isGood }: { readonly x: number; readonly y: number; readonly isGood: boolean }) {
	return (
		<g transform={`translate(${x} ${y})`}>
			<circle className={isGood ? "good" : "bad"} r="11" />
			<path className="line on-mark" d={isGood ? "M-5 0l4 4 7-8" : "M-4.500-4.500l9 9M4.500-4.500l-9 9"} />
		</g>
	);
}
