import { Component, type ReactNode } from 'react';
import { ErrorState } from '@/components/ErrorState';

interface PanelBoundaryProps {
  /** A new value (frames, options) tries again. */
  attempt: unknown;
  children: ReactNode;
}

interface PanelBoundaryState {
  error: unknown;
  attempt: unknown;
}

/** Keeps what a panel throws while it is drawn in that panel. */
export class PanelBoundary extends Component<PanelBoundaryProps, PanelBoundaryState> {
  override state: PanelBoundaryState = { error: undefined, attempt: this.props.attempt };

  static getDerivedStateFromError(error: unknown): Partial<PanelBoundaryState> {
    return { error };
  }

  static getDerivedStateFromProps(props: PanelBoundaryProps, state: PanelBoundaryState): Partial<PanelBoundaryState> | null {
    return props.attempt === state.attempt ? null : { attempt: props.attempt, error: undefined };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <ErrorState error={error} title="This panel could not be drawn" onRetry={() => this.setState({ error: undefined })} />;
  }
}
