/** Whether keys pressed on this element are text, so that single-key shortcuts must stay silent. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('[contenteditable="true"]') !== null) return true;
  return target.matches('input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select');
}
