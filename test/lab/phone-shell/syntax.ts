/** A piece of a word. Quoted pieces are not split at blanks. */
export type Part =
	| { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
	| {
			readonly kind: "variable";
			readonly name: string;
			readonly change?: Change;
			readonly quoted: boolean;
	  }
	| {
			readonly kind: "output";
			readonly script: string;
			readonly quoted: boolean;
	  }
	| {
			readonly kind: "arithmetic";
			readonly text: string;
			readonly quoted: boolean;
	  };

/** `${name:-text}`, and what is cut off a value: the shortest or longest match at its front or end. */
export interface Change {
	readonly operator: "-" | "#" | "##" | "%" | "%%";
	readonly text: string;
}

export type Word = readonly Part[];

export interface Redirect {
	readonly fd: 0 | 1 | 2;
	readonly operator: "<" | ">" | ">>" | ">&";
	readonly target: Word;
}

export type ShellCommand =
	| {
			readonly kind: "function";
			readonly name: string;
			readonly body: ShellCommand;
			readonly redirects: readonly Redirect[];
	  }
	| {
			readonly kind: "case";
			readonly subject: Word;
			readonly branches: readonly {
				patterns: readonly Word[];
				body: Sequence;
			}[];
			readonly redirects: readonly Redirect[];
	  }
	| {
			readonly kind: "simple";
			readonly assignments: readonly { name: string; value: Word }[];
			readonly words: readonly Word[];
			readonly redirects: readonly Redirect[];
	  }
	| {
			readonly kind: "group";
			readonly body: Sequence;
			readonly subshell: boolean;
			readonly redirects: readonly Redirect[];
	  }
	| {
			readonly kind: "if";
			readonly branches: readonly { condition: Sequence; body: Sequence }[];
			readonly otherwise?: Sequence;
			readonly redirects: readonly Redirect[];
	  }
	| {
			readonly kind: "while";
			readonly condition: Sequence;
			readonly until: boolean;
			readonly body: Sequence;
			readonly redirects: readonly Redirect[];
	  }
	| {
			readonly kind: "for";
			readonly name: string;
			readonly words: readonly Word[];
			readonly body: Sequence;
			readonly redirects: readonly Redirect[];
	  };

export interface Pipeline {
	readonly negated: boolean;
	readonly commands: readonly ShellCommand[];
	/** What must have happened before for this one to run. */
	readonly after: ";" | "&&" | "||";
}

export type Sequence = readonly Pipeline[];
