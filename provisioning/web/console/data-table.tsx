import type { ReactNode } from "react";

export interface Column<Row> {
	readonly name: string;
	readonly cell: (row: Row) => ReactNode;
	/** Numbers stand at the end of their column. */
	readonly isNumber?: boolean;
}

interface DataTableProps<Row> {
	readonly caption: string;
	readonly columns: readonly Column<Row>[];
	readonly rows: readonly Row[];
	readonly keyOf: (row: Row) => string;
	/** Said when there is none. */
	readonly none: string;
	readonly isCaptionHidden?: boolean;
}

/** A table; on a narrow screen each row is a card whose lines name their column. */
export function DataTable<Row>({ caption, columns, rows, keyOf, none, isCaptionHidden = false }: DataTableProps<Row>) {
	if (rows.length === 0) {
		return (
			<p>
				{!isCaptionHidden && <strong className="block">{caption}</strong>}
				<span className="muted">{none}</span>
			</p>
		);
	}
	return (
		<table className="data">
			<caption className={isCaptionHidden ? "hidden" : ""}>{caption}</caption>
			<thead>
				<tr>
					{columns.map(({ name, isNumber }) => (
						<th key={name} scope="col" className={isNumber ? "number" : ""}>
							{name}
						</th>
					))}
				</tr>
			</thead>
			<tbody>
				{rows.map((row) => (
					<tr key={keyOf(row)}>
						{columns.map(({ name, cell, isNumber }) => (
							<td key={name} data-label={name} className={isNumber ? "number" : ""}>
								<div>{cell(row)}</div>
							</td>
						))}
					</tr>
				))}
			</tbody>
		</table>
	);
}
