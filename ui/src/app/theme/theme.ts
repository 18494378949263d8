import { createTheme, type MantineColorsTuple } from '@mantine/core';

// The sea: what is interactive. The beam (amber) is for the mark and for "live" only.
const sea: MantineColorsTuple = [
  '#e6f5f8', '#cfe8ef', '#a0d0de', '#6fb8cd', '#48a3bf', '#2d93b3', '#1a7796', '#0f6b88', '#075a74', '#00485f',
];

const ink: MantineColorsTuple = [
  '#dfe5ec', '#b7c0cb', '#919cab', '#6b7787', '#3a4553', '#2a333f', '#1c232d', '#151b23', '#10151c', '#0b0f14',
];

// What destroys; white is readable on it from the seventh shade on.
const red: MantineColorsTuple = [
  '#fdeaea', '#f9d0d0', '#f2a5a5', '#ea7a7a', '#e05656', '#d63f3f', '#c62f2f', '#b92626', '#9d1f1f', '#7e1818',
];

export const theme = createTheme({
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 6 },
  colors: { sea, red, dark: ink },
  autoContrast: true,
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '18px' },
  spacing: { xs: '6px', sm: '10px', md: '14px', lg: '20px', xl: '28px' },
  fontFamily: 'var(--font-ui)',
  fontFamilyMonospace: 'var(--font-mono)',
  fontSizes: { xs: '11.5px', sm: '13px', md: '14px', lg: '16px', xl: '19px' },
  headings: { fontFamily: 'var(--font-ui)', fontWeight: '600' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
    Modal: { defaultProps: { centered: true, closeButtonProps: { 'aria-label': 'Close' } } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    // The first item takes the focus: a focusable placeholder inside a menu is none of its items.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: 'sm' } },
  },
});
