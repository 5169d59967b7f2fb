import { type CSSVariablesResolver, createTheme, Table } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 9 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, monospace',
  headings: { fontWeight: '650' },
  components: {
    Table: Table.extend({ defaultProps: { verticalSpacing: 'xs' } }),
  },
});

/** What Mantine shows too faintly for WCAG 2.2 AA. */
export const cssVariables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': colors.gray![7]!,
    '--mantine-color-placeholder': colors.gray![7]!,
    '--mantine-color-error': colors.red![9]!,
    '--mantine-color-anchor': colors.cyan![9]!,
    '--mantine-color-body': '#f6f8f9',
    '--cw-surface': '#ffffff',
    '--cw-line': colors.gray![3]!,
    '--cw-good': '#237332',
    '--cw-bad': '#c92a2a',
    '--cw-waiting': '#5c6770',
    '--cw-running': '#0b7285',
  },
  dark: {
    '--mantine-color-dimmed': '#b3bcc4',
    '--mantine-color-placeholder': '#a5aeb6',
    '--mantine-color-error': colors.red![4]!,
    '--mantine-color-anchor': colors.cyan![4]!,
    '--mantine-color-body': '#14181b',
    '--cw-surface': '#1c2226',
    '--cw-line': '#333c43',
    '--cw-good': '#69db7c',
    '--cw-bad': '#ff8787',
    '--cw-waiting': '#adb5bd',
    '--cw-running': '#3bc9db',
  },
});
