import { Component, type ReactNode } from 'react';
import { Failure } from './failure.tsx';

interface ErrorBoundaryProps {
  /** What is shown; another one is tried anew. */
  readonly of: string;
  readonly children: ReactNode;
}

interface Caught {
  readonly of: string;
  readonly error?: unknown;
}

/** Of what cannot be drawn only the reason is shown; what stands around it stays. React knows this for classes only. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, Caught> {
  override state: Caught = { of: this.props.of };

  static getDerivedStateFromError(error: unknown): Partial<Caught> {
    return { error };
  }

  static getDerivedStateFromProps({ of }: ErrorBoundaryProps, state: Caught): Caught | null {
    return of === state.of ? null : { of, error: undefined };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <Failure error={error} retry={() => this.setState({ error: undefined })} />;
  }
}
