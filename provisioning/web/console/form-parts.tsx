import { type ReactNode, useId } from "react";

interface FieldProps {
	readonly label: string;
	readonly hint?: string | undefined;
	/** What is wrong with it, said once somebody has left it. */
	readonly error?: string | undefined;
	/** Makes the control; it takes these attributes. */
	readonly children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode;
}

/** A labelled control with a hint, and with what is wrong with it. */
export function Field({ label, hint, error, children }: FieldProps) {
	const id = useId();
	const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
	return (
		<div className="field">
			<label htmlFor={id}>{label}</label>
			{hint && (
				<span id={`${id}-hint`} className="muted">
					{hint}
				</span>
			)}
			{children({
				id,
				...(described ? { "aria-describedby": described } : {}),
				...(error ? { "aria-invalid": true } : {}),
			})}
			{error && (
				<span id={`${id}-error`} className="field-error">
					{error}
				</span>
			)}
		</div>
	);
}

interface ChoiceProps<Name extends string> {
	readonly legend: string;
	readonly value: Name | undefined;
	readonly options: readonly { readonly name: Name; readonly text: string; readonly hint?: string }[];
	readonly onChoose: (name: Name) => void;
}

/** One of a few, each with what it means. */
export function Choice<Name extends string>({ legend, value, options, onChoose }: ChoiceProps<Name>) {
	const id = useId();
	return (
		<fieldset className="choice">
			<legend>{legend}</legend>
			{options.map(({ name, text, hint }) => (
				<label key={name} className="option">
					<input type="radio" name={id} checked={value === name} onChange={() => onChoose(name)} />
					<span>
						<span>{text}</span>
						{hint && <span className="muted block">{hint}</span>}
					</span>
				</label>
			))}
		</fieldset>
	);
}
