export interface Point { x: number; y: number; pressure: number; time: number }
export interface Stroke { points: Point[] }
export default class SignaturePad {
  constructor(canvas: HTMLCanvasElement, options?: Record<string, unknown>);
  toData(): Stroke[];
  fromData(strokes: Stroke[], options?: { clear?: boolean }): void;
  clear(): void;
  isEmpty(): boolean;
  on(): void;
  off(): void;
  addEventListener(event: string, listener: () => void): void;
}
