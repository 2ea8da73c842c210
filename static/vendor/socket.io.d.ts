export interface Socket {
  connected: boolean;
  active: boolean;
  connect(): Socket;
  disconnect(): Socket;
  on(event: string, listener: (...values: any[]) => void): Socket;
  timeout(ms: number): { emit(event: string, body: unknown, done: (error: Error | null, answer: any) => void): void };
}
export function io(address: string, options: Record<string, unknown>): Socket;
