import { Component, type ReactNode } from "react";
import { Button } from "../ui/button";

/** Keeps a fault of the page itself from leaving an empty screen: says so, and offers to load it again. */
export class CrashGuard extends Component<{ children: ReactNode }, { fault: Error | null }> {
  override state = { fault: null as Error | null };

  static getDerivedStateFromError(fault: Error): { fault: Error } {
    return { fault };
  }

  override render(): ReactNode {
    const { fault } = this.state;
    if (fault === null) return this.props.children;
    return (
      <div role="alert" className="px-2 py-16 text-center">
        <p className="text-base font-semibold">This page has a fault of its own</p>
        <p className="mt-1 text-ink-2">The desk is not affected. Loading the page again usually helps.</p>
        <p className="mt-1 font-mono text-xs text-ink-3">{fault.message}</p>
        <Button className="mt-3" onClick={() => window.location.reload()}>
          Load the page again
        </Button>
      </div>
    );
  }
}
