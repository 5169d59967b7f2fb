/** Once it is shown: whoever tried to save hears what is wrong, and can put it right at once. */
export function focusFirstFault(): void {
  requestAnimationFrame(() => {
    const faulty = document.querySelectorAll<HTMLElement>('[aria-invalid="true"]');
    [...faulty].find((field) => field.checkVisibility())?.focus();
  });
}
