/** The few signs of the page, drawn in the colour of the text around them. All are decoration: words stand beside. */
import type { ReactNode } from "react";

interface IconProps {
  className?: string;
}

function Icon({ className = "size-4", children }: IconProps & { children: ReactNode }) {
  return (
    <svg viewBox="0 0 16 16" className={`shrink-0 ${className}`} aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

function Stroke({ className, path }: IconProps & { path: string }) {
  return (
    <Icon {...(className !== undefined && { className })}>
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
    </Icon>
  );
}

export function UpIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M8 3.5 14 12.5H2z" fill="currentColor" />
    </Icon>
  );
}

export function DownIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M8 12.5 2 3.5h12z" fill="currentColor" />
    </Icon>
  );
}

export const FlatIcon = (props: IconProps) => <Stroke {...props} path="M3.5 8h9" />;
export const CloseIcon = (props: IconProps) => <Stroke {...props} path="m4 4 8 8m0-8-8 8" />;
export const SearchIcon = (props: IconProps) => (
  <Stroke {...props} path="M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.5-1 3 3" />
);
export const CheckIcon = (props: IconProps) => <Stroke {...props} path="m3.5 8.5 3 3 6-7" />;
export const CrossIcon = (props: IconProps) => <Stroke {...props} path="m4.5 4.5 7 7m0-7-7 7" />;
export const QuestionIcon = (props: IconProps) => (
  <Stroke {...props} path="M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.8-1.1 1.6m0 2.7v.1" />
);
export const WarnIcon = (props: IconProps) => <Stroke {...props} path="M8 2.5 14.5 13.5h-13zM8 6.5v3.5m0 2v.1" />;
export const SlidersIcon = (props: IconProps) => (
  <Stroke
    {...props}
    path="M2.5 5h5m4 0h2m-11 6h2m4 0h5M9.5 6.75a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5Zm-3 6a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5Z"
  />
);
export const ChevronIcon = (props: IconProps) => <Stroke {...props} path="m6 4 4 4-4 4" />;
