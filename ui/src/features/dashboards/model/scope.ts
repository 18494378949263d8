/** A value with its forms, as ${__value}: as text when no part is named. */
export class TextValue {
  constructor(
    readonly text: string,
    readonly raw: unknown,
    readonly numeric: number,
    /** Milliseconds of the row, when it has a time. */
    readonly time?: number,
  ) {}

  toString(): string {
    return this.text;
  }
}
