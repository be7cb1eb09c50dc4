import type { Fault } from "../../handset/fault.ts";
import { FaultPicture } from "./fault-picture.tsx";
import { useToldFault } from "./told-fault.ts";

interface FaultWordsProps {
	readonly fault: Fault;
	readonly withPicture?: boolean;
}

/** A fault in its catalogue's words: what to do first, then what it means. The details are what a phone or a program said, in English. */
export function FaultWords({ fault, withPicture = false }: FaultWordsProps) {
	const told = useToldFault(fault);
	return (
		<div className="fault">
			{withPicture && fault.picture !== undefined && <FaultPicture id={fault.picture} />}
			<div className="fault-text">
				<p className="fault-remedy" lang={told.language}>
					{told.remedy}
				</p>
				<p className="fault-meaning" lang={told.language}>
					{told.meaning}
				</p>
				{fault.details && (
					<dl className="fault-details" lang="en">
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
