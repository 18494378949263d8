const bounds: readonly (readonly [string, number, number])[] = [
  ['minute', 0, 59],
  ['hour', 0, 23],
  ['day of the month', 1, 31],
  ['month', 1, 12],
  ['day of the week', 0, 7],
];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Why a text is no schedule of five fields (or @daily and its kin); undefined when it is one. */
export function cronProblem(text: string): string | undefined {
  if (/^@(hourly|daily|midnight|weekly|monthly|yearly|annually)$/.test(text.trim())) return undefined;
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return 'Five fields: minute, hour, day, month, weekday';
  for (const [index, field] of fields.entries()) {
    const [name = '', low = 0, high = 0] = bounds[index] ?? [];
    for (const part of field.split(',')) {
      const match = /^(\*|\?|[a-z]{3}|\d+)(?:-([a-z]{3}|\d+))?(?:\/(\d+))?$/i.exec(part);
      if (match === null) return `The ${name} “${part}” cannot be read`;
      for (const end of [match[1], match[2]]) {
        if (end === undefined || end === '*' || end === '?') continue;
        const value = /^\d+$/.test(end) ? Number(end) : index === 3 ? months.indexOf(end.toLowerCase()) + 1 || Number.NaN : index === 4 ? (days.includes(end.toLowerCase()) ? days.indexOf(end.toLowerCase()) : Number.NaN) : Number.NaN;
        if (!(value >= low && value <= high)) return `The ${name} is ${low} to ${high}`;
      }
      if (match[3] === '0') return `A step of 0 in the ${name}`;
    }
  }
  return undefined;
}

/** The usual schedules in words; nothing for others. */
export function cronText(text: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = text.trim().split(/\s+/);
  if (month !== '*' || !/^\d+$/.test(minute)) return '';
  const at = `${hour}:${minute.padStart(2, '0')}`;
  if (hour === '*' && day === '*' && weekday === '*') return `Every hour at minute ${minute}`;
  if (!/^\d+$/.test(hour)) return '';
  if (day === '*' && weekday === '*') return `Every day at ${at}`;
  if (day === '*' && weekday === '1-5') return `Monday to Friday at ${at}`;
  if (day === '*' && /^[0-7]$/.test(weekday)) return `Every ${dayNames[Number(weekday)] ?? ''} at ${at}`;
  if (weekday === '*' && /^\d+$/.test(day)) return `On day ${day} of the month at ${at}`;
  return '';
}
