import type { Fault } from "../../handset/fault.ts";
import { FaultPicture } from "./fault-picture.tsx";

interface FaultWordsProps {
	readonly fault: Fault;
	readonly withPicture?: boolean;
}

/** A fault in its catalogue's words: what to do first, then what it means. The words are English, whatever the page speaks. */
export function FaultWords({ fault, withPicture = false }: FaultWordsProps) {
	return (
		<div className="fault" lang="en">
			{withPicture && fault.picture !== undefined && <FaultPicture id={fault.picture} />}
			<div className="fault-text">
				<p className="fault-remedy">{fault.remedy}</p>
				<p className="fault-meaning">{fault.meaning}</p>
				{fault.details && (
					<dl className="fault-details">
						{Object.entries(fault.details).map(([name, value]) => (
							<div key={name}>
								<dt>{name}</dt>
								<dd>{value}</dd>
							</div>
						))}
					</dl>
				)}
				<code>{fault.code}</code>
			</div>
		</div>
	);
}
