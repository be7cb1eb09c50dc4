const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** A dialler with the four signs that make a phone show its IMEI, and the number that comes. Not anybody's number. */
export function DiallerPicture({ label }: { readonly label: string }) {
	return (
		<svg className="dialler" viewBox="0 0 150 210" role="img" aria-label={label}>
			<rect className="body" x="3" y="3" width="144" height="204" rx="16" />
			<rect className="screen" x="12" y="16" width="126" height="178" rx="6" />
			<text className="typed" x="75" y="46">
				*#06#
			</text>
			<rect className="shown" x="20" y="58" width="110" height="34" rx="5" />
			<text className="small" x="75" y="72">
				IMEI
			</text>
			<text className="small strong" x="75" y="85">
				35 ••••• •••••• •
			</text>
			{KEYS.map((key, index) => {
				const [x, y] = [42 + (index % 3) * 33, 112 + Math.floor(index / 3) * 21];
				const isNeeded = "*#06".includes(key);
				return (
					<g key={key}>
						<circle className={isNeeded ? "key needed" : "key"} cx={x} cy={y} r="9" />
						<text className={isNeeded ? "on-needed" : "small"} x={x} y={y + 3.5}>
							{key}
						</text>
					</g>
				);
			})}
		</svg>
	);
}
